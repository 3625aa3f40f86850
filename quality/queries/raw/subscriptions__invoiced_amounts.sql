-- The price of a plan compared with its invoices: each invoice of a year with the
-- period of its account, running on that day, whose amount is nearest.
{% if 'invoices' not in present -%}
select
    null as factor,
    'invoices are not provided' as message
{%- else -%}
with invoices as (
    select
        invoice_id,
        account_id,
        currency,
        issued_on,
        amount
    from staging.base_invoices
    where
        rejection_reason is null
        and amount > 0
        and issued_on > date '{{ as_of }}' - 365
        and issued_on <= date '{{ as_of }}'
),

periods as (
    select
        account_id,
        plan,
        currency,
        started_on,
        coalesce(ended_on, date '9999-12-31') as ended_on,
        amount
    from {{ table }}
    where rejection_reason is null and amount > 0
),

ratios as (
    select
        invoices.invoice_id,
        periods.plan,
        periods.amount / invoices.amount as ratio
    from invoices
    inner join periods
        on
            invoices.account_id = periods.account_id
            and invoices.currency = periods.currency
            and invoices.issued_on >= periods.started_on
            and invoices.issued_on <= periods.ended_on
),

nearest as (
    select
        invoice_id,
        min_by(plan, abs(ln(ratio))) as plan,
        min_by(ratio, abs(ln(ratio))) as ratio
    from ratios
    group by invoice_id
),

plans as (
    select
        plan,
        count(*) as invoices,
        median(ratio) as ratio,
        greatest(median(ratio), 1 / median(ratio)) as factor
    from nearest
    group by plan
    having count(*) >= 10
)

select
    max(factor) as factor,
    'amounts of plan ' || max_by(plan, factor) || ' are '
    || round(max_by(ratio, factor), 2) || ' times those of its '
    || max_by(invoices, factor) || ' invoices' as message
from plans
{%- endif %}
