-- Grain: one row per addon.
{{ config(enabled=source_is_landed_by('chargebee', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('chargebee', 'addon') }}
),

final as (
    select
        id,
        name,
        period,
        period_unit,
        charge_type
    from delivered
)

select * from final
