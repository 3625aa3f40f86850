-- Grain: one row per product.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('stripe', 'products') }}
),

final as (
    select
        id,
        name
    from delivered
)

select * from final
