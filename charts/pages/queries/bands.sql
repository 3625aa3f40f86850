-- The health band of each paying account.
select account_id, account_name, health_band, health_score, current_mrr, csm_owner
from marts.customer_360
where current_mrr > 0
order by current_mrr desc, account_id
