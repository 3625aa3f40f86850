-- The month in which invoices differ most from the median of their own account.
with invoices as (
    select
        account_id,
        currency,
        amount,
        date_trunc('month', issued_on) as date_month
    from {{ table }}
    where
        rejection_reason is null and amount > 0 and issued_on <= date '{{ as_of }}'
),

usual as (
    select
        account_id,
        currency,
        median(amount) as amount
    from invoices
    group by account_id, currency
    having count(distinct date_month) >= 3
),

months as (
    select
        invoices.date_month,
        count(*) as invoices,
        median(invoices.amount / usual.amount) as ratio,
        greatest(
            median(invoices.amount / usual.amount),
            1 / median(invoices.amount / usual.amount)
        ) as factor
    from invoices
    inner join usual
        on
            invoices.account_id = usual.account_id
            and invoices.currency = usual.currency
    group by invoices.date_month
    having count(*) >= 10
)

select
    max(factor) as factor,
    'the invoices of ' || strftime(max_by(date_month, factor), '%Y-%m') || ' are '
    || round(max_by(ratio, factor), 2) || ' times those usual of their accounts'
        as message
from months
