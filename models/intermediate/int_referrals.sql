-- Grain: one row per referral in use (referral_id).
with referrals as (
    select
        referral_id,
        referrer_account_id as account_id,
        referred_account_id,
        referred_on
    from {{ ref('stg_referrals') }}
    where referred_on <= {{ as_of_date() }}
),

in_scope as (
    select referrals.*
    from referrals
    {{ without_internal('referrals', by_user=false) }}
)

select * from in_scope
