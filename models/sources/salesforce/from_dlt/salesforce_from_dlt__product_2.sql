-- Grain: one row per product.
{{ config(enabled=source_is_landed_by('salesforce', 'dlt', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('salesforce_dlt', 'product_2') }}
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
