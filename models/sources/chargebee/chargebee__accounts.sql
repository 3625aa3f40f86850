-- Grain: one row per customer (account_id).
{{ config(enabled=source_gives('chargebee', 'accounts')) }}
with customers as (
    select * from {{ source_table('chargebee', 'customers') }}
),

final as (
    select
        id as account_id,
        coalesce(
            nullif(company, ''),
            nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')
        ) as account_name,
        billing_address_country as country,
        cast(created_at as date) as signed_up_on,
        updated_at,
        coalesce(deleted, false) as _fivetran_deleted
    from customers
)

select * from final
