-- Grain: one row per account, user, feature and day of use (account_id, user_id,
-- feature_key, date_day). Everybody's, also internal users' and days after as_of_date:
-- int_feature_days has those in use.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_open_days() }}"
) }}
with feature_events as (
    select * from {{ ref('stg_feature_events') }}
    {%- if is_incremental() %}
    where date_day >= {{ first_open_day() }}
    {%- endif %}
),

days as (
    select
        account_id,
        user_id,
        feature_key,
        date_day,
        count(*) as events,
        min(occurred_at) as first_event_at,
        {{ as_of_date() }} as made_as_of,
        '{{ input_fingerprint() }}' as made_from
    from feature_events
    group by account_id, user_id, feature_key, date_day
)

select * from days
order by date_day, account_id, user_id, feature_key
