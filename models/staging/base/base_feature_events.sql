-- Grain: one row per raw row, with the first rule that it breaks.
{{ checked_rows(
    'feature_events',
    accounts=ref('stg_accounts'),
    users=ref('stg_users')
) }}
