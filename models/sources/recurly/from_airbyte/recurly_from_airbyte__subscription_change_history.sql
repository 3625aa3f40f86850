-- Grain: one row per version of a change of a subscription.
{{ config(enabled=source_is_landed_by('recurly', 'airbyte', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('recurly_airbyte', 'subscription_changes') }}
),

final as (
    select
        id,
        subscription_id,
        {{ json_text('plan', 'id') }} as plan_id,
        unit_amount,
        quantity,
        activate_at,
        activated,
        updated_at,
        cast(null as {{ dbt.type_timestamp() }}) as deleted_at,
        _airbyte_extracted_at as _fivetran_synced
    from delivered
)

select * from final
