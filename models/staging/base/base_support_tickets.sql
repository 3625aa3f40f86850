-- Grain: one row per raw row, with the first rule that it breaks.
{{ validate_rows(
    'support_tickets',
    accounts=ref('base_accounts'),
    users=ref('base_users')
) }}
