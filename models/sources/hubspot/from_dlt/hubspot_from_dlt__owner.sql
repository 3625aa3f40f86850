-- Grain: one row per owner.
{{ config(enabled=source_is_landed_by('hubspot', 'dlt', ['accounts'])) }}
with delivered as (
    select * from {{ source('hubspot_dlt', 'owners') }}
),

final as (
    select
        id as owner_id,
        first_name,
        last_name,
        email
    from delivered
)

select * from final
