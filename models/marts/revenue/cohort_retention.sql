-- Grain: one row per month in which accounts first paid and month since (cohort_month,
-- months_since_start), to the month of as_of_date.
with paying_accounts as (
    select
        *,
        {{ month_of('first_paid_on') }} as cohort_month
    from {{ ref('int_paying_accounts') }}
),

movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month'
),

months as (
    select * from {{ ref('int_months') }}
),

cohorts as (
    select
        cohort_month,
        count(*) as cohort_customers,
        cast(sum(first_mrr) as decimal(18, 4)) as cohort_mrr
    from paying_accounts
    group by cohort_month
),

changes as (
    select
        paying_accounts.cohort_month,
        movements.period_start as date_month,
        sum(
            case
                when movements.movement_type in ('new', 'reactivation') then 1
                when movements.movement_type = 'churn' then -1
                else 0
            end
        ) as customers_change,
        sum(movements.mrr_change) as mrr_change
    from movements
    inner join paying_accounts on movements.account_id = paying_accounts.account_id
    group by paying_accounts.cohort_month, movements.period_start
),

-- a month's balance is the sum of the changes up to it; months without one stay
balances as (
    select
        cohorts.cohort_month,
        cohorts.cohort_customers,
        cohorts.cohort_mrr,
        months.date_month,
        cast(coalesce(sum(changes.customers_change) over up_to_month, 0) as bigint)
            as retained_customers,
        cast(coalesce(sum(changes.mrr_change) over up_to_month, 0) as decimal(18, 4))
            as retained_mrr,
        months.is_complete_month
    from cohorts
    inner join months on cohorts.cohort_month <= months.date_month
    left join changes
        on
            cohorts.cohort_month = changes.cohort_month
            and months.date_month = changes.date_month
    window up_to_month as (
        partition by cohorts.cohort_month
        order by months.date_month
        rows between unbounded preceding and current row
    )
),

final as (
    select
        cohort_month,
        cast(
            {{ month_number('date_month') }} - {{ month_number('cohort_month') }}
            as bigint
        ) as months_since_start,
        cohort_customers,
        retained_customers,
        {{ ratio('retained_customers', 'cohort_customers') }}
            as customer_retention_rate,
        cohort_mrr,
        retained_mrr,
        {{ ratio('retained_mrr', 'cohort_mrr') }} as mrr_retention_rate,
        is_complete_month
    from balances
)

select * from final
