-- Grain: one row per invoice that was sent (invoice_id); a pending one is not yet.
{{ config(enabled=source_gives('chargebee', 'invoices')) }}
with invoices as (
    select * from {{ source_table('chargebee', 'invoices') }}
),

currencies as (
    select * from {{ ref('stripe_currencies') }}
),

sent as (
    select
        *,
        upper(currency_code) as currency
    from invoices
    where status <> 'pending'
),

final as (
    select
        sent.id as invoice_id,
        sent.customer_id as account_id,
        {{ exact_ratio(
            'greatest(sent.total, 0)',
            chargebee_minor_units('sent.currency', 'currencies.decimals'),
            4
        ) }} as amount,
        sent.currency,
        cast(sent.date as date) as issued_on,
        cast(coalesce(sent.due_date, sent.date) as date) as due_on,
        case when sent.status = 'paid' then cast(coalesce(sent.paid_at, sent.date) as date) end
            as paid_on,
        case sent.status
            when 'posted' then 'open'
            when 'payment_due' then 'open'
            when 'not_paid' then 'uncollectible'
            when 'voided' then 'void'
            else sent.status
        end as status,
        coalesce(sent.deleted, false) as _fivetran_deleted
    from sent
    left join currencies on sent.currency = currencies.currency
)

select * from final
