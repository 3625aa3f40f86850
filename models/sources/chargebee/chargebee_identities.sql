-- Grain: one row per customer (alias_id), with what says which account it is.
{{ config(enabled=source_gives('chargebee', ['accounts', 'subscriptions', 'invoices'])) }}
with customers as (
    select * from {{ source_table('chargebee', 'customers') }}
),

final as (
    select
        id as alias_id,
        {{ json_text('meta_data', source_setting('chargebee', 'account_id_key', 'account_id')) }}
            as external_id,
        nullif({{ email_domain('email') }}, '') as domain,
        company as name
    from customers
)

select * from final
