-- Grain: one row per version of an invoice.
{{ config(
    enabled=source_is_landed_by(
        'recurly', 'airbyte', ['subscriptions', 'invoices']
    )
) }}
with delivered as (
    select * from {{ source('recurly_airbyte', 'invoices') }}
),

final as (
    select
        id,
        {{ json_text('account', 'id') }} as account_id,
        type,
        state,
        currency,
        total,
        created_at,
        due_at,
        closed_at,
        updated_at,
        _airbyte_extracted_at as _fivetran_synced
    from delivered
)

select * from final
