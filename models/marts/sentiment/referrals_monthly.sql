-- Grain: one row per month (date_month), from the first referral to the one of
-- as_of_date.
with referrals as (
    select
        *,
        {{ month_of('referred_on') }} as date_month
    from {{ ref('int_referrals') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
),

months as (
    select * from {{ ref('int_months') }}
    where date_month >= (select min(referrals.date_month) from referrals)
),

-- accepted: the referred account became paying, on the day of the referral or later
classified as (
    select
        referrals.date_month,
        referrals.account_id,
        coalesce(paying_accounts.first_paid_on >= referrals.referred_on, false)
            as is_accepted
    from referrals
    left join paying_accounts
        on referrals.referred_account_id = paying_accounts.account_id
),

counted as (
    select
        date_month,
        count(*) as referrals,
        count(*) filter (where is_accepted) as accepted_referrals,
        count(distinct account_id) as referring_accounts
    from classified
    group by date_month
),

customers as (
    select
        date_month,
        count(*) as paying_customers
    from paying_months
    group by date_month
),

final as (
    select
        months.date_month,
        coalesce(counted.referrals, 0) as referrals,
        coalesce(counted.accepted_referrals, 0) as accepted_referrals,
        coalesce(counted.referring_accounts, 0) as referring_accounts,
        coalesce(customers.paying_customers, 0) as paying_customers,
        {{ ratio(
            'coalesce(counted.referring_accounts, 0)', 'customers.paying_customers'
        ) }} as referral_rate,
        months.is_complete_month
    from months
    left join counted on months.date_month = counted.date_month
    left join customers on months.date_month = customers.date_month
)

select * from final
