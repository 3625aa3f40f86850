-- Grain: one row per account, user and day of accepted logins, and one per rejected row
-- (identical rows are one row with a count).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_open_days('logins') }}"
) }}
{{ validate_events(
    'logins',
    at='logged_in_at',
    by=['account_id', 'user_id'],
    measures={
        'timed_logins': 'count(session_minutes)',
        'session_minutes': 'sum(session_minutes)',
    },
    accounts=ref('base_accounts'),
    users=ref('base_users')
) }}
