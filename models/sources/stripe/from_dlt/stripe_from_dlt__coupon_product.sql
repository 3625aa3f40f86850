-- Grain: one row per coupon and product that it is for.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with products as (
    select * from {{ source('stripe_dlt', 'coupon__applies_to__products') }}
),

coupons as (
    select * from {{ source('stripe_dlt', 'coupon') }}
),

final as (
    select
        coupons.id as coupon_id,
        products.product_id
    from products
    inner join coupons on products._dlt_parent_id = coupons._dlt_id
)

select * from final
