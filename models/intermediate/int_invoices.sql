-- Grain: one row per invoice in use (invoice_id), in the base currency.
with invoices as (
    select * from {{ ref('stg_invoices') }}
    where issued_on <= {{ as_of_date() }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

in_scope as (
    select invoices.*
    from invoices
    anti join internal_accounts
        on invoices.account_id = internal_accounts.account_id
),

-- paid_from: from when on the invoice counts as paid. One that is paid without saying
-- when counts as paid from the start (rule 61), and so was never late
converted as (
    select
        in_scope.invoice_id,
        in_scope.account_id,
        in_scope.issued_on,
        in_scope.due_on,
        in_scope.status,
        in_scope.status = 'void' as is_void,
        case
            when in_scope.paid_on is null and in_scope.status = 'paid'
                then least(in_scope.issued_on, in_scope.due_on)
            when in_scope.paid_on <= {{ as_of_date() }} then in_scope.paid_on
        end as paid_from,
        {{ in_base_currency('in_scope.amount') }} as amount
    from in_scope
    {{ join_exchange_rates('in_scope', 'issued_on') }}
)

select * from converted
