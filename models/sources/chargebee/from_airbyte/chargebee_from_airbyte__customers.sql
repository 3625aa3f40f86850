-- Grain: one row per customer.
{{ config(
    enabled=source_is_landed_by(
        'chargebee', 'airbyte', ['subscriptions', 'invoices', 'accounts']
    )
) }}
with delivered as (
    {{ airbyte_rows('chargebee', 'customer') }}
),

final as (
    select
        id,
        company,
        first_name,
        last_name,
        email,
        {{ json_text('billing_address', 'country') }} as billing_address_country,
        created_at,
        updated_at,
        meta_data,
        deleted
    from delivered
)

select * from final
