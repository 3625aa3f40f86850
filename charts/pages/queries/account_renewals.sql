-- Its open renewals with how likely they are.
select
    account_id, subscription_id, due_on, plan, mrr, probability, probability_lower,
    probability_upper, expected_mrr, top_factors
from marts.renewal_forecast
where account_id in $accounts
order by account_id, due_on, subscription_id
