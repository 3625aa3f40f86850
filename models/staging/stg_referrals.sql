-- Grain: one row per accepted referral.
with base as (
    select * from {{ ref('base_referrals') }}
),

accepted as (
    select
        referral_id,
        referrer_account_id,
        referred_account_id,
        referred_on
    from base
    where rejection_reason is null
)

select * from accepted
