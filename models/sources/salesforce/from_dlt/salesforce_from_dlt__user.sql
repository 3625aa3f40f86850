-- Grain: one row per user.
{{ config(enabled=source_is_landed_by('salesforce', 'dlt', ['accounts'])) }}
with delivered as (
    select * from {{ source('salesforce_dlt', 'sf_user') }}
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
