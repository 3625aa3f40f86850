-- Grain: one row per account that ever paid (account_id).
with paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

tenure_survival as (
    select * from {{ ref('int_tenure_survival') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

costs as (
    select * from {{ ref('int_costs') }}
    where cost_type = 'acquisition'
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

current_plans as (
    select * from {{ ref('int_current_plans') }}
),

monthly_churn as (
    select * from {{ ref('monthly_churn') }}
    where is_complete_month
),

churn_by_plan as (
    select * from {{ ref('churn_by_segment') }}
    where is_complete_month and segment_type = 'plan'
),

first_month as (
    select {{ add_months('max(date_month)', -11) }} as date_month
    from monthly_churn
),

-- the mean of the last 12 complete months' rates, of the whole base
base_churn as (
    select {{ mean_of('monthly_churn.churn_rate') }} as mean_churn_rate
    from monthly_churn
    inner join first_month on monthly_churn.date_month >= first_month.date_month
),

-- and of each plan
plan_churn as (
    select
        churn_by_plan.segment_value as plan,
        {{ mean_of('churn_by_plan.churn_rate') }} as mean_churn_rate
    from churn_by_plan
    inner join first_month on churn_by_plan.date_month >= first_month.date_month
    group by churn_by_plan.segment_value
),

plan_customers as (
    select
        current_plans.current_plan as plan,
        count(*) as customers
    from paying_accounts
    inner join current_plans on paying_accounts.account_id = current_plans.account_id
    where paying_accounts.is_paying
    group by current_plans.current_plan
),

paid_invoices as (
    select
        account_id,
        sum(amount) as invoiced_to_date
    from invoices
    where paid_from is not null and not is_void
    group by account_id
),

-- for accounts that reached a tenure: the expected months within the horizon, and their
-- present value
months_to_come as (
    select
        reached.tenure_month,
        sum(ahead.survival_rate / reached.survival_rate) as expected_remaining_months,
        sum(
            ahead.survival_rate / reached.survival_rate
            * power(
                1 + {{ var('annual_discount_rate') }},
                (reached.tenure_month - ahead.tenure_month) / 12e0
            )
        ) as discounted_remaining_months
    from tenure_survival as reached
    inner join tenure_survival as ahead
        on
            reached.tenure_month < ahead.tenure_month
            and ahead.tenure_month
            <= reached.tenure_month + {{ var('clv_horizon_months') }}
    where reached.is_observed and reached.survival_rate > 0
    group by reached.tenure_month
),

-- a month's acquisition spend per account that first paid in it
cohort_costs as (
    select
        {{ month_of('paying_accounts.first_paid_on') }} as cohort_month,
        {{ ratio('max(costs.amount)', 'count(*)') }} as acquisition_cost
    from paying_accounts
    inner join costs
        on {{ month_of('paying_accounts.first_paid_on') }} = costs.date_month
    group by {{ month_of('paying_accounts.first_paid_on') }}
),

-- a plan with few customers says little about churn: it uses the rate of all customers
valued as (
    select
        paying_accounts.account_id,
        paying_accounts.tenure_months,
        paying_accounts.is_paying,
        paying_accounts.current_mrr,
        paying_accounts.revenue_to_date,
        case
            when available_sources.has_invoices
                then cast(coalesce(paid_invoices.invoiced_to_date, 0) as decimal(18, 4))
        end as invoiced_to_date,
        case
            when paying_accounts.is_paying
                then {{ ratio(
                    'paying_accounts.current_mrr * ' ~ var('gross_margin'),
                    'case when ' ~ is_small_sample('plan_customers.customers')
                    ~ ' then base_churn.mean_churn_rate'
                    ~ ' else plan_churn.mean_churn_rate end'
                ) }}
        end as formula_clv,
        {{ var('gross_margin') }} * (
            cast(paying_accounts.revenue_to_date as double)
            + cast(paying_accounts.current_mrr as double)
            * coalesce(months_to_come.discounted_remaining_months, 0)
        ) as survival_clv,
        coalesce(months_to_come.expected_remaining_months, 0)
            as expected_remaining_months,
        cohort_costs.acquisition_cost
    from paying_accounts
    left join current_plans on paying_accounts.account_id = current_plans.account_id
    left join plan_customers on current_plans.current_plan = plan_customers.plan
    left join plan_churn on current_plans.current_plan = plan_churn.plan
    left join paid_invoices on paying_accounts.account_id = paid_invoices.account_id
    -- an account that no longer pays has no expected margin
    left join months_to_come
        on
            case when paying_accounts.is_paying then paying_accounts.tenure_months end
            = months_to_come.tenure_month
    left join cohort_costs
        on {{ month_of('paying_accounts.first_paid_on') }} = cohort_costs.cohort_month
    cross join base_churn
    cross join available_sources
),

final as (
    select
        *,
        survival_clv - acquisition_cost as net_clv
    from valued
)

select * from final
