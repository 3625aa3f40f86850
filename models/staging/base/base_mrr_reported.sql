-- Grain: one row per raw row, with the first rule that it breaks.
{{ validate_rows(
    'mrr_reported',
    rates=ref('stg_exchange_rates'),
    accounts=ref('base_accounts')
) }}
