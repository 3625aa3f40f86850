-- Grain: one row per raw row, with the first rule that it breaks.
{{ validate_rows(
    'costs',
    rates=ref('stg_exchange_rates')
) }}
