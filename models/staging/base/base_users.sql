-- Grain: one row per raw row, with the first rule that it breaks.
{{ checked_rows(
    'users',
    accounts=ref('stg_accounts')
) }}
