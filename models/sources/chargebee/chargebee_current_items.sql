-- Grain: one row per subscription and item that it has today (subscription_id, item_id). The
-- plan's item is plan, others are addons.
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
with subscription_rows as (
    select * from {{ source_table('chargebee', 'subscriptions') }}
),

items as (
    select * from {{ source_table('chargebee', 'subscription_items') }}
),

addons as (
    select * from {{ source_table('chargebee', 'subscription_addons') }}
),

subscriptions as (
    select * from {{ ref('chargebee_subscription_dates') }}
),

prices as (
    select * from {{ ref('chargebee_prices') }}
),

listed as (
    select
        subscription_id,
        case when item_type = 'plan' then 'plan' else item_price_id end as item_id,
        item_price_id as price_id,
        quantity,
        amount,
        amount_in_decimal
    from items
    where item_type in ('plan', 'addon')
    union all
    select
        id as subscription_id,
        'plan' as item_id,
        plan_id as price_id,
        plan_quantity as quantity,
        plan_amount as amount,
        plan_amount_in_decimal as amount_in_decimal
    from subscription_rows
    where
        plan_id is not null
        and id not in (select subscription_id from items where item_type = 'plan')
    union all
    select
        subscription_id,
        id as item_id,
        id as price_id,
        quantity,
        amount,
        amount_in_decimal
    from addons
),

final as (
    select
        listed.subscription_id,
        listed.item_id,
        listed.price_id,
        listed.quantity,
        coalesce(
            cast(listed.amount_in_decimal as decimal(18, 4)),
            {{ exact_ratio('listed.amount', 'subscriptions.minor_units', 4) }}
        ) as amount,
        coalesce(prices.period, subscriptions.billing_period) as period,
        case
            when prices.period is not null then prices.period_unit
            else subscriptions.billing_period_unit
        end as period_unit
    from listed
    inner join subscriptions on listed.subscription_id = subscriptions.subscription_id
    left join prices on listed.price_id = prices.price_id
    where coalesce(prices.is_recurring, true)
)

select * from final
