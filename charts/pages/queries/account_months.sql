-- Its months, the latest first.
select
    account_id, date_month, plan, seats, mrr, health_score, active_users,
    provisioned_users, logins, core_events, is_complete_month
from marts.account_months
where account_id in $accounts
order by account_id, date_month desc
