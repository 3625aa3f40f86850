-- Grain: one row per month and vendor's rule (date_month, churn_rule).
with monthly_churn as (
    select * from {{ ref('monthly_churn') }}
),

months as (
    select * from {{ ref('int_months') }}
),

ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

-- accounts that paid on one of the 30 days before the month's end, but not on it: the
-- last drop to zero came after the first of those days
lately_lost as (
    select
        months.date_month,
        count(*) as churned_customers
    from months
    inner join ledger
        on
            ledger.mrr_balance = 0
            and ledger.date_day > {{ add_days('months.ends_on', -30) }}
            and {{ is_effective_on('ledger', 'months.ends_on') }}
    group by months.date_month
),

variants as (
    select
        date_month,
        'start_of_period' as churn_rule,
        churned_customers,
        customers_at_start as base_customers,
        churn_rate,
        is_complete_month
    from monthly_churn
    union all
    select
        monthly_churn.date_month,
        'trailing_30_days_plus_new' as churn_rule,
        coalesce(lately_lost.churned_customers, 0) as churned_customers,
        monthly_churn.customers_at_end + coalesce(lately_lost.churned_customers, 0)
            as base_customers,
        {{ ratio(
            'coalesce(lately_lost.churned_customers, 0)',
            'monthly_churn.customers_at_end + coalesce(lately_lost.churned_customers, 0)'
        ) }} as churn_rate,
        monthly_churn.is_complete_month
    from monthly_churn
    left join lately_lost on monthly_churn.date_month = lately_lost.date_month
    union all
    select
        date_month,
        'include_new_and_lost' as churn_rule,
        churned_customers + new_and_lost_customers as churned_customers,
        customers_at_start as base_customers,
        {{ ratio('churned_customers + new_and_lost_customers', 'customers_at_start') }}
            as churn_rate,
        is_complete_month
    from monthly_churn
    union all
    select
        date_month,
        'annualised' as churn_rule,
        churned_customers,
        customers_at_start as base_customers,
        1 - power(1 - churn_rate, 365e0 / extract(day from last_day(date_month)))
            as churn_rate,
        is_complete_month
    from monthly_churn
)

select * from variants
