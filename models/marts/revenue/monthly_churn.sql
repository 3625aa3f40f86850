-- Grain: one row per month (date_month), from the ledger's first to the one of
-- as_of_date.
with mrr_months as (
    select * from {{ ref('int_mrr_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

flows as (
    select
        date_month,
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
    from mrr_months
    group by date_month
),

-- every month since the first change has a row, also the one in which nothing changed
spine as (
    select
        months.date_month,
        months.is_complete_month,
        coalesce(flows.new_customers, 0) as new_customers,
        coalesce(flows.reactivated_customers, 0) as reactivated_customers,
        coalesce(flows.churned_customers, 0) as churned_customers,
        coalesce(flows.new_and_lost_customers, 0) as new_and_lost_customers,
        coalesce(flows.new_mrr, 0) as new_mrr,
        coalesce(flows.reactivation_mrr, 0) as reactivation_mrr,
        coalesce(flows.expansion_mrr, 0) as expansion_mrr,
        coalesce(flows.contraction_mrr, 0) as contraction_mrr,
        coalesce(flows.churned_mrr, 0) as churned_mrr
    from months
    left join flows on months.date_month = flows.date_month
    where months.date_month >= (select min(mrr_months.date_month) from mrr_months)
),

closings as (
    select
        *,
        sum(new_customers + reactivated_customers - churned_customers)
            over up_to_month as customers_at_end,
        sum(new_mrr + reactivation_mrr + expansion_mrr - contraction_mrr - churned_mrr)
            over up_to_month as mrr_at_end
    from spine
    window up_to_month as (
        order by date_month
        rows between unbounded preceding and current row
    )
),

-- one month's end is the next one's start
balances as (
    select
        *,
        coalesce(lag(customers_at_end) over (order by date_month), 0)
            as customers_at_start,
        coalesce(lag(mrr_at_end) over (order by date_month), 0) as mrr_at_start
    from closings
),

rates as (
    select
        date_month,
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
        is_complete_month
    from balances
)

select * from rates
