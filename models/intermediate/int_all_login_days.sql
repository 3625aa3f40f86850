-- Grain: one row per account, user and day with a login (account_id, user_id,
-- date_day). Everybody's, also internal users' and days after as_of_date: int_user_days
-- has those in use.
with logins as (
    select * from {{ ref('stg_logins') }}
),

days as (
    select
        account_id,
        user_id,
        date_day,
        count(*) as logins,
        count(session_minutes) as timed_logins,
        sum(session_minutes) as session_minutes,
        min(logged_in_at) as first_login_at
    from logins
    group by account_id, user_id, date_day
)

select * from days
