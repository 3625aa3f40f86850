-- Grain: one row per version of a line of an invoice.
{{ config(enabled=source_is_landed_by('recurly', 'airbyte', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('recurly_airbyte', 'line_items') }}
),

final as (
    select
        id,
        invoice_id,
        subscription_id,
        plan_id,
        add_on_id,
        type,
        state,
        origin,
        unit_amount,
        quantity,
        subtotal,
        discount,
        proration_rate,
        refund,
        start_date,
        end_date,
        updated_at,
        _airbyte_extracted_at as _fivetran_synced
    from delivered
)

select * from final
