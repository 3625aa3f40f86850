-- Grain: one row per account, user and day with a login (account_id, user_id,
-- date_day). Everybody's, also internal users' and days after as_of_date: int_user_days
-- has those in use.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_open_days() }}"
) }}
with logins as (
    select * from {{ ref('stg_logins') }}
    {%- if is_incremental() %}
    where date_day >= {{ first_open_day() }}
    {%- endif %}
),

days as (
    select
        account_id,
        user_id,
        date_day,
        count(*) as logins,
        count(session_minutes) as timed_logins,
        sum(session_minutes) as session_minutes,
        min(logged_in_at) as first_login_at,
        {{ as_of_date() }} as made_as_of,
        '{{ input_fingerprint() }}' as made_from
    from logins
    group by account_id, user_id, date_day
)

select * from days
order by date_day, account_id, user_id
