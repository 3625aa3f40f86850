-- Grain: one row per month, quarter and year (period_grain, period_start), from the
-- ledger's first to the one of as_of_date.
with mrr_movements as (
    select * from {{ ref('int_mrr_movements') }}
),

months as (
    select * from {{ ref('int_months') }}
),

grains as (
    select
        'month' as period_grain,
        1 as months_of_period
    union all
    select
        'quarter' as period_grain,
        3 as months_of_period
    union all
    select
        'year' as period_grain,
        12 as months_of_period
),

periods as (
    select distinct
        grains.period_grain,
        cast(
            case grains.period_grain
                when 'month' then months.date_month
                when 'quarter' then date_trunc('quarter', months.date_month)
                when 'year' then date_trunc('year', months.date_month)
            end as date
        ) as period_start,
        grains.months_of_period
    from months
    cross join grains
),

flows as (
    select
        period_grain,
        period_start,
        count(*) filter (where movement_type = 'new') as new_customers,
        count(*) filter (where movement_type = 'reactivation') as reactivated_customers,
        count(*) filter (where movement_type = 'churn') as churned_customers,
        count(*) filter (where is_new_and_lost) as new_and_lost_customers,
        sum(case when movement_type = 'new' then abs(mrr_change) else 0 end)
            as new_mrr,
        sum(case when movement_type = 'reactivation' then abs(mrr_change) else 0 end)
            as reactivation_mrr,
        sum(case when movement_type = 'expansion' then abs(mrr_change) else 0 end)
            as expansion_mrr,
        sum(case when movement_type = 'contraction' then abs(mrr_change) else 0 end)
            as contraction_mrr,
        sum(case when movement_type = 'churn' then abs(mrr_change) else 0 end)
            as churned_mrr
    from mrr_movements
    group by period_grain, period_start
),

first_periods as (
    select
        period_grain,
        min(period_start) as period_start
    from flows
    group by period_grain
),

-- every period since the first change has a row, including those without changes
spine as (
    select
        periods.period_grain,
        periods.period_start,
        {{ is_complete(add_days(
            add_months('periods.period_start', 'periods.months_of_period'), -1
        )) }} as is_complete_period,
        coalesce(flows.new_customers, 0) as new_customers,
        coalesce(flows.reactivated_customers, 0) as reactivated_customers,
        coalesce(flows.churned_customers, 0) as churned_customers,
        coalesce(flows.new_and_lost_customers, 0) as new_and_lost_customers,
        coalesce(flows.new_mrr, 0) as new_mrr,
        coalesce(flows.reactivation_mrr, 0) as reactivation_mrr,
        coalesce(flows.expansion_mrr, 0) as expansion_mrr,
        coalesce(flows.contraction_mrr, 0) as contraction_mrr,
        coalesce(flows.churned_mrr, 0) as churned_mrr
    from periods
    inner join first_periods
        on
            periods.period_grain = first_periods.period_grain
            and periods.period_start >= first_periods.period_start
    left join flows
        on
            periods.period_grain = flows.period_grain
            and periods.period_start = flows.period_start
),

closings as (
    select
        *,
        sum(new_customers + reactivated_customers - churned_customers)
            over up_to_period as customers_at_end,
        sum(new_mrr + reactivation_mrr + expansion_mrr - contraction_mrr - churned_mrr)
            over up_to_period as mrr_at_end
    from spine
    window up_to_period as (
        partition by period_grain
        order by period_start
        rows between unbounded preceding and current row
    )
),

-- one period's end is the next one's start
balances as (
    select
        *,
        coalesce(lag(customers_at_end) over by_grain, 0) as customers_at_start,
        coalesce(lag(mrr_at_end) over by_grain, 0) as mrr_at_start
    from closings
    window by_grain as (partition by period_grain order by period_start)
),

rates as (
    select
        period_grain,
        period_start,
        cast(customers_at_start as bigint) as customers_at_start,
        cast(new_customers as bigint) as new_customers,
        cast(reactivated_customers as bigint) as reactivated_customers,
        cast(churned_customers as bigint) as churned_customers,
        cast(customers_at_end as bigint) as customers_at_end,
        cast(new_and_lost_customers as bigint) as new_and_lost_customers,
        {{ ratio('churned_customers', 'customers_at_start') }} as churn_rate,
        {{ wilson_bound('churned_customers', 'customers_at_start', 'lower') }}
            as churn_rate_lower,
        {{ wilson_bound('churned_customers', 'customers_at_start', 'upper') }}
            as churn_rate_upper,
        {{ is_small_sample('customers_at_start') }} as is_small_sample,
        cast(mrr_at_start as decimal(18, 4)) as mrr_at_start,
        cast(new_mrr as decimal(18, 4)) as new_mrr,
        cast(reactivation_mrr as decimal(18, 4)) as reactivation_mrr,
        cast(expansion_mrr as decimal(18, 4)) as expansion_mrr,
        cast(contraction_mrr as decimal(18, 4)) as contraction_mrr,
        cast(churned_mrr as decimal(18, 4)) as churned_mrr,
        cast(mrr_at_end as decimal(18, 4)) as mrr_at_end,
        cast(12 * mrr_at_end as decimal(18, 4)) as arr,
        {{ ratio('churned_mrr + contraction_mrr', 'mrr_at_start') }}
            as gross_mrr_churn_rate,
        {{ ratio(
            'churned_mrr + contraction_mrr - expansion_mrr - reactivation_mrr',
            'mrr_at_start'
        ) }} as net_mrr_churn_rate,
        {{ ratio(
            'new_mrr + reactivation_mrr + expansion_mrr', 'contraction_mrr + churned_mrr'
        ) }} as quick_ratio,
        is_complete_period
    from balances
)

select * from rates
