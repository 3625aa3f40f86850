-- Grain: one row per account, user, feature and day of accepted events, and one per
-- rejected row (identical rows are one row with a count).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_open_days('feature_events') }}"
) }}
{{ validate_events(
    'feature_events',
    at='occurred_at',
    by=['account_id', 'user_id', 'feature_key'],
    accounts=ref('base_accounts'),
    users=ref('base_users')
) }}
