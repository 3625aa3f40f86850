-- Grain: one row per invoice in use (invoice_id), in the base currency.
with invoices as (
    select * from {{ ref('stg_invoices') }}
    where issued_on <= {{ as_of_date() }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

in_use as (
    select invoices.*
    from invoices
    {{ without_internal('invoices', by_user=false) }}
),

-- paid_from: from when on the invoice counts as paid. One that is paid without saying
-- when counts as paid from the start (ruling 61), and so was never late
converted as (
    select
        in_use.invoice_id,
        in_use.account_id,
        in_use.issued_on,
        in_use.due_on,
        in_use.status,
        in_use.status = 'void' as is_void,
        case
            when in_use.paid_on is null and in_use.status = 'paid'
                then least(in_use.issued_on, in_use.due_on)
            when in_use.paid_on <= {{ as_of_date() }} then in_use.paid_on
        end as paid_from,
        {{ in_base_currency('in_use.amount') }} as amount
    from in_use
    {{ join_exchange_rates('in_use', 'issued_on') }}
)

select * from converted
