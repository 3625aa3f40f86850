-- Grain: one row per product.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('stripe_dlt', 'product') }}
),

final as (
    select
        id,
        name
    from delivered
)

select * from final
