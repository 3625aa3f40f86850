-- Grain: one row per owner.
{{ config(enabled=source_is_landed_by('hubspot', 'airbyte', ['accounts'])) }}
with delivered as (
    {{ airbyte_rows('hubspot', 'owners') }}
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
