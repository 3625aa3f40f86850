-- Grain: one row per accepted invoice.
with base as (
    select * from {{ ref('base_invoices') }}
),

accepted as (
    select
        invoice_id,
        account_id,
        amount,
        currency,
        issued_on,
        due_on,
        paid_on,
        status
    from base
    where rejection_reason is null
)

select * from accepted
