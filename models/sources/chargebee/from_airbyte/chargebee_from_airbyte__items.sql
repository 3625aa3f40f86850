-- Grain: one row per item.
{{ config(enabled=source_is_landed_by('chargebee', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('chargebee', 'item') }}
),

final as (
    select
        id,
        name,
        metered
    from delivered
)

select * from final
