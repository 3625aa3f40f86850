-- Grain: one row per price.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('stripe_dlt', 'price') }}
),

final as (
    select
        id,
        product as product_id,
        nickname,
        currency,
        unit_amount,
        unit_amount_decimal,
        recurring__interval as recurring_interval,
        recurring__interval_count as recurring_interval_count,
        recurring__usage_type as recurring_usage_type,
        billing_scheme,
        transform_quantity__divide_by as transform_quantity_divide_by,
        transform_quantity__round as transform_quantity_round
    from delivered
)

select * from final
