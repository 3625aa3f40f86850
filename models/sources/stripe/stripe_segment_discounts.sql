-- Grain: one row per subscription item and segment of it with a discount
-- (subscription_id, item_id, started_on).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with segments as (
    select * from {{ ref('stripe_item_segments') }}
),

discounts as (
    select * from {{ ref('stripe_discounts') }}
),

active as (
    select
        segments.subscription_id,
        segments.item_id,
        segments.started_on,
        discounts.discount_of,
        discounts.percent_off,
        discounts.amount_off,
        max(case when discounts.discount_of = 'subscription' then 1 else 0 end) over (
            partition by segments.subscription_id, segments.item_id, segments.started_on
        ) as has_own
    from segments
    inner join discounts
        on
            segments.subscription_id = discounts.subscription_id
            and discounts.item_id in ('', segments.item_id)
            and {{ is_active_on('discounts', 'segments.started_on') }}
),

-- a subscription without a discount of its own has its customer's
applied as (
    select
        *,
        case
            when discount_of = 'subscription_item' then 'item' else 'subscription'
        end as taken_off
    from active
    where discount_of <> 'customer' or has_own = 0
),

final as (
    select
        subscription_id,
        item_id,
        started_on,
        {{ percent_left('item') }} as item_percent_left,
        sum(case when taken_off = 'item' then amount_off end) as item_amount_off,
        {{ percent_left('subscription') }} as percent_left,
        sum(case when taken_off = 'subscription' then amount_off end) as amount_off
    from applied
    group by subscription_id, item_id, started_on
)

select * from final
