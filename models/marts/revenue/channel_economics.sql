-- Grain: one row per acquisition channel, month in which accounts first paid and month
-- since (acquisition_channel, cohort_month, months_since_start), to the month of
-- as_of_date; channel `all` is all of them.
with members as (
    select * from {{ ref('int_cohort_members') }}
),

cohort_balances as (
    select * from {{ ref('int_cohort_balances') }}
),

months as (
    select * from {{ ref('int_months') }}
),

channel_costs as (
    select * from {{ ref('int_channel_costs') }}
    where cost_type = 'acquisition'
),

lifetime_values as (
    select * from {{ ref('customer_lifetime_value') }}
),

spend as (
    select
        acquisition_channel,
        date_month,
        amount
    from channel_costs
    where acquisition_channel <> 'all'
    union all
    select
        'all' as acquisition_channel,
        date_month,
        sum(amount) as amount
    from channel_costs
    group by date_month
),

-- months in which a channel cost money and won nobody are cohorts too
cohorts as (
    select
        acquisition_channel,
        cohort_month
    from members
    union
    select
        acquisition_channel,
        date_month as cohort_month
    from spend
    where amount > 0
),

customers as (
    select
        members.acquisition_channel,
        members.cohort_month,
        count(*) as customers,
        {{ mean_of('lifetime_values.survival_clv') }} as mean_lifetime_value
    from members
    inner join lifetime_values on members.account_id = lifetime_values.account_id
    group by members.acquisition_channel, members.cohort_month
),

-- a cohort without customers has no balances
balances as (
    select
        cohorts.acquisition_channel,
        cohorts.cohort_month,
        months.date_month,
        months.is_complete_month,
        coalesce(cohort_balances.retained_mrr, 0) as mrr_at_end
    from cohorts
    inner join months on cohorts.cohort_month <= months.date_month
    left join cohort_balances
        on
            cohorts.acquisition_channel = cohort_balances.acquisition_channel
            and cohorts.cohort_month = cohort_balances.cohort_month
            and months.date_month = cohort_balances.date_month
),

cumulated as (
    select
        acquisition_channel,
        cohort_month,
        date_month,
        is_complete_month,
        cast(sum(mrr_at_end) over (
            partition by acquisition_channel, cohort_month
            order by date_month
            rows between unbounded preceding and current row
        ) as decimal(18, 4)) as cumulative_mrr
    from balances
),

margins as (
    select
        acquisition_channel,
        cohort_month,
        date_month,
        is_complete_month,
        {{ exact_ratio(var('gross_margin') ~ ' * cumulative_mrr', 1, places=4) }}
            as cumulative_margin
    from cumulated
),

valued as (
    select
        margins.acquisition_channel,
        margins.cohort_month,
        cast(
            {{ month_number('margins.date_month') }}
            - {{ month_number('margins.cohort_month') }} as bigint
        ) as months_since_start,
        coalesce(customers.customers, 0) as customers,
        cast(spend.amount as decimal(18, 4)) as acquisition_cost,
        {{ ratio('spend.amount', 'customers.customers') }} as cac,
        margins.cumulative_margin,
        customers.mean_lifetime_value,
        margins.is_complete_month
    from margins
    left join customers
        on
            margins.acquisition_channel = customers.acquisition_channel
            and margins.cohort_month = customers.cohort_month
    left join spend
        on
            margins.acquisition_channel = spend.acquisition_channel
            and margins.cohort_month = spend.date_month
),

final as (
    select
        acquisition_channel,
        cohort_month,
        months_since_start,
        customers,
        acquisition_cost,
        cac,
        cumulative_margin,
        cumulative_margin >= acquisition_cost as is_paid_back,
        {{ ratio('mean_lifetime_value', 'cac') }} as ltv_to_cac,
        is_complete_month
    from valued
)

select * from final
