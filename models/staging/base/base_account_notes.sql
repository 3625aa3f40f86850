-- Grain: one row per raw row, with the first rule that it breaks.
{{ validate_rows('account_notes', accounts=ref('base_accounts')) }}
