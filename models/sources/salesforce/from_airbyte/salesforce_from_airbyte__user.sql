-- Grain: one row per user.
{{ config(enabled=source_is_landed_by('salesforce', 'airbyte', ['accounts'])) }}
with delivered as (
    {{ airbyte_rows('salesforce', 'user') }}
),

final as (
    select
        id,
        name,
        email,
        true as _fivetran_active
    from delivered
)

select * from final
