-- Grain: one row per referral in scope (referral_id).
with referrals as (
    select
        referral_id,
        referrer_account_id as account_id,
        referred_account_id,
        referred_on
    from {{ ref('stg_referrals') }}
    where referred_on <= {{ as_of_date() }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

in_scope as (
    select referrals.*
    from referrals
    anti join internal_accounts
        on referrals.account_id = internal_accounts.account_id
)

select * from in_scope
