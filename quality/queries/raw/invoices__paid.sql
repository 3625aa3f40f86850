-- Invoices that were due more than two months ago, and those of them that were paid.
with due as (
    select status = 'paid' or paid_on is not null as is_paid
    from {{ table }}
    where
        rejection_reason is null
        and status != 'void'
        and due_on between date '{{ as_of }}' - 365 and date '{{ as_of }}' - 60
)

select
    case when count(*) >= 100 then count(*) filter (where is_paid) / count(*) end
        as share,
    case when count(*) >= {{ small }} then count(*) filter (where is_paid) end as paid,
    count(*) filter (where is_paid)
    || ' of '
    || count(*)
    || ' invoices paid that were due more '
    || 'than 60 days ago' as message
from due
