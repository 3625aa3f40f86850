-- Grain: one row per month, kind of cost and acquisition channel (date_month,
-- cost_type, acquisition_channel), in the base currency.
with costs as (
    select * from {{ ref('stg_costs') }}
    where date_month <= {{ as_of_date() }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

converted as (
    select
        costs.date_month,
        costs.cost_type,
        coalesce(costs.channel, 'unknown') as acquisition_channel,
        {{ in_base_currency('costs.amount') }} as amount
    from costs
    {{ join_exchange_rates('costs', 'date_month') }}
),

summed as (
    select
        date_month,
        cost_type,
        acquisition_channel,
        cast(sum(amount) as decimal(18, 4)) as amount
    from converted
    group by date_month, cost_type, acquisition_channel
)

select * from summed
