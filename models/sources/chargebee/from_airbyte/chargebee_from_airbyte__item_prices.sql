-- Grain: one row per item price.
{{ config(enabled=source_is_landed_by('chargebee', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('chargebee', 'item_price') }}
),

final as (
    select
        id,
        item_id,
        name,
        period,
        period_unit
    from delivered
)

select * from final
