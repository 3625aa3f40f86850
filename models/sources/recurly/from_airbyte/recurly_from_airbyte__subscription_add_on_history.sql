-- Grain: one row per add-on that a subscription has.
{{ config(enabled=source_is_landed_by('recurly', 'airbyte', ['subscriptions'])) }}
-- an add-on that was taken off is not in the list: it ends with what was billed last
with subscriptions as (
    {{ airbyte_rows('recurly', 'subscriptions') }}
),

add_ons as (
    {{ json_rows('subscriptions', ['id', '_airbyte_extracted_at'], 'add_ons') }}
),

final as (
    select
        {{ json_text('part', 'id') }} as id,
        id as subscription_id,
        {{ json_text('part', 'add_on.id') }} as plan_add_on_id,
        cast({{ json_text('part', 'unit_amount') }} as decimal(28, 8)) as unit_amount,
        cast({{ json_text('part', 'quantity') }} as bigint) as quantity,
        cast({{ json_text('part', 'created_at') }} as {{ dbt.type_timestamp() }})
            as created_at,
        cast({{ json_text('part', 'updated_at') }} as {{ dbt.type_timestamp() }})
            as updated_at,
        cast({{ json_text('part', 'expired_at') }} as {{ dbt.type_timestamp() }})
            as expired_at,
        _airbyte_extracted_at as _fivetran_synced
    from add_ons
)

select * from final
