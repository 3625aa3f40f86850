-- Grain: one row per record type.
{{ config(enabled=source_is_landed_by('salesforce', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('salesforce', 'recordtype') }}
),

final as (
    select
        id,
        name
    from delivered
)

select * from final
