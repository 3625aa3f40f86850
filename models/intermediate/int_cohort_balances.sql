-- Grain: one row per acquisition channel, month in which its accounts first paid and
-- month since (acquisition_channel, cohort_month, date_month), to the month of
-- as_of_date; channel `all` is all of them. What is left at the month's end.
with members as (
    select * from {{ ref('int_cohort_members') }}
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
        acquisition_channel,
        cohort_month,
        count(*) as cohort_customers,
        cast(sum(first_mrr) as decimal(18, 4)) as cohort_mrr
    from members
    group by acquisition_channel, cohort_month
),

changes as (
    select
        members.acquisition_channel,
        members.cohort_month,
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
    inner join members on movements.account_id = members.account_id
    group by
        members.acquisition_channel, members.cohort_month, movements.period_start
),

-- a month's balance is the sum of the changes up to it; months without one stay
final as (
    select
        cohorts.acquisition_channel,
        cohorts.cohort_month,
        months.date_month,
        cohorts.cohort_customers,
        cohorts.cohort_mrr,
        cast(coalesce(sum(changes.customers_change) over up_to_month, 0) as bigint)
            as retained_customers,
        cast(coalesce(sum(changes.mrr_change) over up_to_month, 0) as decimal(18, 4))
            as retained_mrr,
        months.is_complete_month
    from cohorts
    inner join months on cohorts.cohort_month <= months.date_month
    left join changes
        on
            cohorts.acquisition_channel = changes.acquisition_channel
            and cohorts.cohort_month = changes.cohort_month
            and months.date_month = changes.date_month
    window up_to_month as (
        partition by cohorts.acquisition_channel, cohorts.cohort_month
        order by months.date_month
        rows between unbounded preceding and current row
    )
)

select * from final
