-- Grain: one row per product of an opportunity.
{{ config(enabled=source_is_landed_by('salesforce', 'dlt', ['subscriptions'])) }}
with delivered as (
    {{ dlt_rows('salesforce', 'opportunity_line_item', 'system_modstamp') }}
),

final as (
    select
        id,
        opportunity_id,
        product_2_id,
        product_code,
        quantity,
        list_price,
        total_price,
        item_start,
        item_end,
        is_deleted,
        false as _fivetran_deleted,
        true as _fivetran_active
    from delivered
)

select * from final
