-- Grain: one row per customer.
{{ config(
    enabled=source_is_landed_by(
        'stripe', 'airbyte', ['subscriptions', 'invoices', 'accounts']
    )
) }}
with delivered as (
    {{ airbyte_rows('stripe', 'customers') }}
),

final as (
    select
        id,
        name,
        email,
        created,
        {{ json_text('address', 'country') }} as address_country,
        metadata,
        livemode,
        cast(null as {{ dbt.type_string() }}) as connected_account_id,
        is_deleted,
        _airbyte_extracted_at as _fivetran_synced,
        false as _fivetran_deleted
    from delivered
)

select * from final
