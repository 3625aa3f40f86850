-- Paying accounts, the most at risk first.
select
    account_id, account_name, health_band, health_score, top_driver, current_mrr,
    current_plan, industry, csm_owner, next_renewal_on, cancellation_scheduled_on,
    open_alerts, lifecycle_stage
from marts.customer_360
where current_mrr > 0
order by health_score nulls last, current_mrr desc, account_id
