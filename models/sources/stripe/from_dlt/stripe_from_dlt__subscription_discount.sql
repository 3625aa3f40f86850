-- Grain: one row per discount of a subscription.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with discounts as (
    select * from {{ source('stripe_dlt', 'subscription__discounts') }}
),

subscriptions as (
    select * from {{ source('stripe_dlt', 'subscription') }}
),

-- older versions of the API have one discount, newer ones a list
final as (
    select
        subscriptions.id as subscription_id,
        coalesce(discounts.coupon__id, discounts.source__coupon) as coupon_id,
        discounts.started_at,
        discounts.ended_at
    from discounts
    inner join subscriptions on discounts._dlt_parent_id = subscriptions._dlt_id
    where coalesce(discounts.coupon__id, discounts.source__coupon) is not null
    union
    select
        id as subscription_id,
        discount__coupon__id as coupon_id,
        discount__start as started_at,
        discount__end as ended_at
    from subscriptions
    where discount__coupon__id is not null
)

select * from final
