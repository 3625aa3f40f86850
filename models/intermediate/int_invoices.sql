-- Grain: one row per invoice in scope (invoice_id), in the base currency.
{% set uncollectible_days = 90 %}
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

-- paid_from: from when on the invoice counts as paid. One paid without a date counts as
-- paid from the start (rule 61), and so was never late
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
),

-- a written-off invoice is overdue like any other for a quarter: its present status
-- must not change the months before. After that it is a closed matter
with_write_off as (
    select
        *,
        case
            when status = 'uncollectible'
                then {{ add_days('due_on', uncollectible_days + 1) }}
        end as written_off_from
    from converted
),

-- settled_from: the first day on which the invoice can no longer be overdue
settled as (
    select
        invoice_id,
        account_id,
        issued_on,
        due_on,
        status,
        is_void,
        paid_from,
        case
            when written_off_from < coalesce(paid_from, {{ no_end_date() }})
                then written_off_from
            else paid_from
        end as settled_from,
        amount
    from with_write_off
)

select * from settled
