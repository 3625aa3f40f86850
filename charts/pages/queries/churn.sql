-- Customer churn by month.
select
    date_month, customers_at_start, churned_customers, churn_rate, churn_rate_lower,
    churn_rate_upper, is_small_sample
from marts.monthly_churn
where is_complete_month
order by date_month
