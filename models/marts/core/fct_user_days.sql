-- Grain: one row per account, user and day with a login or an event
-- (account_id, user_id, date_day).
with user_days as (
    select * from {{ ref('int_user_days') }}
),

final as (
    select
        account_id,
        user_id,
        date_day,
        cast(logins as bigint) as logins,
        cast(session_minutes as double) as session_minutes,
        cast(core_events as bigint) as core_events,
        cast(events as bigint) as events,
        is_active
    from user_days
)

select * from final
order by date_day, account_id, user_id
