-- Grain: one row per customer (account_id).
{{ config(enabled=source_gives('stripe', 'accounts')) }}
with customers as (
    select * from {{ source_table('stripe', 'customer') }}
),

final as (
    select
        id as account_id,
        name as account_name,
        address_country as country,
        cast(created as date) as signed_up_on,
        _fivetran_synced as updated_at,
        coalesce(is_deleted, false) or coalesce(_fivetran_deleted, false)
            as _fivetran_deleted
    from customers
    where coalesce(livemode, true) and connected_account_id is null
)

select * from final
