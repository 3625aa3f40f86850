-- A row returned is a month in which the active users of the month before are not all
-- either returning or dormant: one was lost, or counts twice.
with user_lifecycle as (
    select * from {{ ref('user_lifecycle') }}
),

compared as (
    select
        date_month,
        returning_users + dormant_users as users_accounted_for,
        coalesce(lag(active_users) over (order by date_month), 0)
            as users_of_last_month
    from user_lifecycle
)

select * from compared
where users_accounted_for <> users_of_last_month
