-- Open renewals with how likely they are.
select
    renewal.due_on, renewal.account_id, account.account_name, renewal.plan, renewal.mrr,
    renewal.probability, renewal.probability_lower, renewal.probability_upper,
    renewal.expected_mrr, renewal.worst_mrr, renewal.best_mrr, renewal.top_factors,
    account.health_band, account.csm_owner, account.current_plan,
    account.industry, account.cancellation_scheduled_on
from marts.renewal_forecast as renewal
inner join marts.customer_360 as account on renewal.account_id = account.account_id
order by renewal.due_on, renewal.mrr desc, renewal.account_id, renewal.subscription_id
