-- Grain: one row per raw row, with the first rule that it breaks.
{{ validate_rows(
    'invoices',
    accounts=ref('base_accounts'),
    rates=ref('stg_exchange_rates')
) }}
