-- What is left of each cohort.
select
    cohort_month, months_since_start, cohort_customers, cohort_mrr,
    customer_retention_rate, mrr_retention_rate
from marts.cohort_retention
where is_complete_month
order by cohort_month desc, months_since_start
