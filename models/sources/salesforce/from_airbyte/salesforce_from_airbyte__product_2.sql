-- Grain: one row per product.
{{ config(enabled=source_is_landed_by('salesforce', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('salesforce', 'product2') }}
),

final as (
    select
        id,
        name,
        family,
        true as _fivetran_active
    from delivered
)

select * from final
