-- Grain: one row per item price, plan or addon (price_id), of both product catalogs.
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
with item_prices as (
    select * from {{ source_table('chargebee', 'item_prices') }}
),

items as (
    select * from {{ source_table('chargebee', 'items') }}
),

plans as (
    select * from {{ source_table('chargebee', 'plans') }}
),

addons as (
    select * from {{ source_table('chargebee', 'addons') }}
),

combined as (
    select
        item_prices.id as price_id,
        coalesce(items.name, item_prices.name, item_prices.id) as plan,
        item_prices.period,
        item_prices.period_unit,
        not coalesce(items.metered, false) as is_recurring
    from item_prices
    left join items on item_prices.item_id = items.id
    union all
    select
        id as price_id,
        coalesce(name, id) as plan,
        period,
        period_unit,
        true as is_recurring
    from plans
    union all
    select
        id as price_id,
        coalesce(name, id) as plan,
        period,
        period_unit,
        coalesce(charge_type, 'recurring') = 'recurring' as is_recurring
    from addons
),

-- a plan and an addon of catalog 1.0 may have the same id
final as (
    select
        price_id,
        min(plan) as plan,
        min(period) as period,
        min(period_unit) as period_unit,
        bool_and(is_recurring) as is_recurring
    from combined
    group by price_id
)

select * from final
