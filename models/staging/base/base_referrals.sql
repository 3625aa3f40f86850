-- Grain: one row per raw row, with the first rule that it breaks.
{{ validate_rows(
    'referrals',
    accounts=ref('base_accounts'),
    account_columns=('referrer_account_id', 'referred_account_id')
) }}
