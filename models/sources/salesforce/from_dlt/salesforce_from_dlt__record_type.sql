-- Grain: one row per record type.
{{ config(enabled=source_is_landed_by('salesforce', 'dlt', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('salesforce_dlt', 'record_type') }}
),

final as (
    select
        id,
        name
    from delivered
)

select * from final
