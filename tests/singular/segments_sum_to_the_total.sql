-- A row returned is a month and kind of segment whose segments do not sum to
-- monthly_churn's total in some column of churn_by_segment.
with monthly_churn as (
    select * from {{ ref('monthly_churn') }}
    where customers_at_start > 0
),

segment_types as (
    select distinct segment_type from {{ ref('churn_by_segment') }}
),

summed as (
    select
        date_month,
        segment_type,
        sum(customers_at_start) as customers_at_start,
        sum(churned_customers) as churned_customers,
        sum(mrr_at_start) as mrr_at_start,
        sum(churned_mrr) as churned_mrr
    from {{ ref('churn_by_segment') }}
    group by date_month, segment_type
)

select
    monthly_churn.date_month,
    segment_types.segment_type
from monthly_churn
cross join segment_types
left join summed
    on
        monthly_churn.date_month = summed.date_month
        and segment_types.segment_type = summed.segment_type
where
    summed.customers_at_start is distinct from monthly_churn.customers_at_start
    or summed.churned_customers is distinct from monthly_churn.churned_customers
    or summed.mrr_at_start is distinct from monthly_churn.mrr_at_start
    or summed.churned_mrr is distinct from monthly_churn.churned_mrr
