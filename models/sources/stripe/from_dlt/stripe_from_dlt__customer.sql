-- Grain: one row per customer.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions', 'invoices', 'accounts'])) }}
with delivered as (
    select * from {{ source('stripe_dlt', 'customer') }}
),

final as (
    select
        id,
        name,
        email,
        created,
        address__country as address_country,
        {{ json_of([('account_id', 'metadata__account_id')]) }} as metadata,
        livemode,
        cast(null as {{ dbt.type_string() }}) as connected_account_id,
        deleted as is_deleted,
        {{ epoch_timestamp('_dlt_load_id') }} as _fivetran_synced,
        false as _fivetran_deleted
    from delivered
)

select * from final
