-- Grain: one row per account, user and day with an accepted login (account_id, user_id,
-- date_day), in the reporting time zone. Includes internal users and days after
-- as_of_date: int_user_days has those in scope.
with base as (
    select * from {{ ref('base_logins') }}
),

accepted as (
    select
        account_id,
        user_id,
        date_day,
        row_count as logins,
        timed_logins,
        session_minutes,
        first_at as first_login_at
    from base
    where rejection_reason is null
)

select * from accepted
