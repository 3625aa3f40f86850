-- Its subscriptions' periods, the latest first.
select
    account_id, subscription_id, subscription_item_id, started_on, ended_on, plan,
    billing_interval, term_months, seats, is_trial, mrr
from marts.fct_subscription_periods
where account_id in $accounts
order by account_id, started_on desc, subscription_id, subscription_item_id
