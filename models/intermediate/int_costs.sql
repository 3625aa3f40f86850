-- Grain: one row per month and kind of cost (date_month, cost_type), of all channels,
-- in the base currency.
with channel_costs as (
    select * from {{ ref('int_channel_costs') }}
),

summed as (
    select
        date_month,
        cost_type,
        cast(sum(amount) as decimal(18, 4)) as amount
    from channel_costs
    group by date_month, cost_type
)

select * from summed
