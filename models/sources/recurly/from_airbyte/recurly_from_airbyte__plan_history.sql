-- Grain: one row per version of a plan.
{{ config(enabled=source_is_landed_by('recurly', 'airbyte', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('recurly_airbyte', 'plans') }}
),

final as (
    select
        id,
        name,
        code,
        interval_unit,
        interval_length,
        updated_at,
        _airbyte_extracted_at as _fivetran_synced
    from delivered
)

select * from final
