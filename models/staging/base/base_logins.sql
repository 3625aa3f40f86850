-- Grain: one row per raw row, with the first rule that it breaks.
{{ checked_rows(
    'logins',
    accounts=ref('stg_accounts'),
    users=ref('stg_users')
) }}
