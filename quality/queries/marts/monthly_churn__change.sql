-- Share of customers and MRR that a month retains of its start.
with months as (
    select
        date_month,
        customers_at_start,
        customers_at_end,
        mrr_at_start,
        mrr_at_end,
        customers_at_end / customers_at_start as customers_kept,
        mrr_at_end / nullif(mrr_at_start, 0) as mrr_kept
    from {{ table }}
    where
        customers_at_start >= {{ small }}
        and date_month >= date_trunc('month', date '{{ as_of }}') - interval 1 month
)

select
    min(customers_kept) as customers_kept,
    max(customers_kept) as customers_grown,
    min(mrr_kept) as mrr_kept,
    max(mrr_kept) as mrr_grown,
    string_agg(
        strftime(date_month, '%Y-%m') || ': ' || customers_at_start
        || ' customers became ' || customers_at_end || ', MRR ' || round(mrr_at_start)
        || ' became ' || round(mrr_at_end), '; ' order by date_month
    ) as message
from months
