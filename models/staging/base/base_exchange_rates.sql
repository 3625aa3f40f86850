-- Grain: one row per raw row, with the first rule that it breaks.
{{ checked_rows('exchange_rates') }}
