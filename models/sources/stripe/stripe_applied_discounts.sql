-- Grain: one row per subscription item, segment of it and discount that reduces it
-- (subscription_id, item_id, started_on, discount_of, coupon_id, discounted_from).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with segments as (
    select * from {{ ref('stripe_item_segments') }}
),

states as (
    select * from {{ ref('stripe_item_states') }}
),

discounts as (
    select * from {{ ref('stripe_discounts') }}
),

coupon_products as (
    select * from {{ ref('stripe_coupon_products') }}
),

limited_coupons as (
    select distinct coupon_id from coupon_products
),

active as (
    select
        segments.subscription_id,
        segments.item_id,
        segments.started_on,
        discounts.discount_of,
        discounts.coupon_id,
        discounts.started_on as discounted_from,
        discounts.percent_off,
        discounts.amount_off,
        discounts.currency,
        states.product_id,
        states.currency as item_currency,
        max(case when discounts.discount_of = 'subscription' then 1 else 0 end) over (
            partition by segments.subscription_id, segments.item_id, segments.started_on
        ) as has_own
    from segments
    inner join states
        on
            segments.subscription_id = states.subscription_id
            and segments.item_id = states.item_id
            and segments.state_on = states.started_on
    inner join discounts
        on
            segments.subscription_id = discounts.subscription_id
            and discounts.item_id in ('', segments.item_id)
            and {{ is_active_on('discounts', 'segments.started_on') }}
),

final as (
    select
        active.subscription_id,
        active.item_id,
        active.started_on,
        active.discount_of,
        active.coupon_id,
        active.discounted_from,
        case
            when active.discount_of = 'subscription_item' then 'item'
            else 'subscription'
        end as taken_off,
        -- an amount off is shared by the items that the coupon is for
        coalesce(limited_coupons.coupon_id, '') as shared_by,
        active.percent_off,
        active.amount_off
    from active
    left join limited_coupons on active.coupon_id = limited_coupons.coupon_id
    left join coupon_products
        on
            active.coupon_id = coupon_products.coupon_id
            and active.product_id = coupon_products.product_id
    where
        -- a subscription without a discount of its own has its customer's
        (active.discount_of <> 'customer' or active.has_own = 0)
        and (limited_coupons.coupon_id is null or coupon_products.coupon_id is not null)
        -- what an amount is in another currency is not known
        and (
            active.amount_off is null
            or active.currency is null
            or active.currency = active.item_currency
        )
)

select * from final
