-- Which cohorts have paid back what it cost to win them, and after how many months?
-- The margin of a month is that of the MRR at its end; a cohort without a cost row is
-- left out. months_to_pay_back is null where it has not paid back yet.
-- `dbt compile --select which_cohorts_pay_back`, or `dbt show`.
with cohort_retention as (
    select * from {{ ref('cohort_retention') }}
    where is_complete_month
),

lifetimes as (
    select * from {{ ref('customer_lifetime_value') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

unit_economics as (
    select * from {{ ref('unit_economics') }}
),

-- what the cohort cost: the same for each of its accounts
costs as (
    select
        {{ month_of('accounts.first_paid_on') }} as cohort_month,
        sum(lifetimes.acquisition_cost) as acquisition_cost,
        sum(lifetimes.net_clv) as net_clv
    from lifetimes
    inner join accounts on lifetimes.account_id = accounts.account_id
    where lifetimes.acquisition_cost is not null
    group by {{ month_of('accounts.first_paid_on') }}
),

earned as (
    select
        cohort_retention.cohort_month,
        cohort_retention.months_since_start,
        cohort_retention.cohort_customers,
        cohort_retention.retained_customers,
        costs.acquisition_cost,
        costs.net_clv,
        sum(cohort_retention.retained_mrr * unit_economics.gross_margin) over (
            partition by cohort_retention.cohort_month
            order by cohort_retention.months_since_start
            rows between unbounded preceding and current row
        ) as margin_earned
    from cohort_retention
    inner join costs on cohort_retention.cohort_month = costs.cohort_month
    inner join unit_economics
        on cohort_retention.cohort_month = unit_economics.date_month
),

paid_back as (
    select
        cohort_month,
        max(cohort_customers) as cohort_customers,
        min_by(retained_customers, -months_since_start) as customers_left,
        max(acquisition_cost) as acquisition_cost,
        max(margin_earned) as margin_earned,
        -- the end of the first month itself is its first month of margin
        min(case when margin_earned >= acquisition_cost then months_since_start + 1 end)
            as months_to_pay_back,
        max(net_clv) as net_clv
    from earned
    group by cohort_month
)

select * from paid_back
order by cohort_month
