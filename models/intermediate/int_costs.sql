-- Grain: one row per month and kind of cost (date_month, cost_type), in the base
-- currency.
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
        {{ in_base_currency('costs.amount') }} as amount
    from costs
    {{ join_exchange_rates('costs', 'date_month') }}
),

-- of all channels
summed as (
    select
        date_month,
        cost_type,
        cast(sum(amount) as decimal(18, 4)) as amount
    from converted
    group by date_month, cost_type
)

select * from summed
