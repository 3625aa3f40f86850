-- Grain: one row per invoice.
{{ config(
    enabled=source_is_landed_by(
        'chargebee', 'airbyte', ['subscriptions', 'invoices']
    )
) }}
with delivered as (
    {{ airbyte_rows('chargebee', 'invoice') }}
),

final as (
    select
        id,
        customer_id,
        status,
        currency_code,
        total,
        date,
        due_date,
        paid_at,
        deleted
    from delivered
)

select * from final
