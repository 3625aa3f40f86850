-- Grain: one row per accepted login.
with base as (
    select * from {{ ref('base_logins') }}
),

accepted as (
    select
        login_id,
        user_id,
        account_id,
        logged_in_at,
        {{ local_date('logged_in_at') }} as date_day,
        session_minutes
    from base
    where rejection_reason is null
)

select * from accepted
