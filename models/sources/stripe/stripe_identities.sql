-- Grain: one row per customer (alias_id), with what says which account it is.
{{ config(enabled=source_gives('stripe', ['accounts', 'subscriptions', 'invoices'])) }}
with customers as (
    select * from {{ source_table('stripe', 'customer') }}
),

final as (
    select
        id as alias_id,
        {{ json_text('metadata', source_setting('stripe', 'account_id_key', 'account_id')) }}
            as external_id,
        nullif({{ email_domain('email') }}, '') as domain,
        name
    from customers
    where coalesce(livemode, true) and connected_account_id is null
)

select * from final
