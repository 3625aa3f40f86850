-- Grain: one row per raw row, with the first rule that it breaks.
{{ validate_rows(
    'support_tickets',
    accounts=ref('stg_accounts'),
    users=ref('stg_users')
) }}
