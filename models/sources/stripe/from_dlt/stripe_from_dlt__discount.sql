-- Grain: one row per discount of a customer or of an item of a subscription.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with customers as (
    select * from {{ source('stripe_dlt', 'customer') }}
),

items as (
    select * from {{ source('stripe_dlt', 'subscription__items__data') }}
),

of_items as (
    select * from {{ source('stripe_dlt', 'subscription__items__data__discounts') }}
),

final as (
    select
        'customer' as type,
        id as type_id,
        id as customer_id,
        cast(null as {{ dbt.type_string() }}) as subscription_id,
        coalesce(discount__coupon__id, discount__source__coupon) as coupon_id,
        discount__start as started_at,
        discount__end as ended_at
    from customers
    where coalesce(discount__coupon__id, discount__source__coupon) is not null
    union
    select
        'subscription_item' as type,
        items.id as type_id,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as {{ dbt.type_string() }}) as subscription_id,
        coalesce(of_items.coupon__id, of_items.source__coupon) as coupon_id,
        of_items.started_at,
        of_items.ended_at
    from of_items
    inner join items on of_items._dlt_parent_id = items._dlt_id
    where coalesce(of_items.coupon__id, of_items.source__coupon) is not null
)

select * from final
