-- Grain: one row per raw row, with the first rule that it breaks.
{{ checked_rows(
    'subscriptions',
    accounts=ref('stg_accounts'),
    rates=ref('stg_exchange_rates'),
    is_period=true
) }}
