-- Its alerts, open and closed, the latest first.
select
    account_id, alert_type, raised_on, severity, is_open, detail, recommended_action,
    due_at, mrr_at_risk
from marts.account_alerts
where account_id in $accounts
order by account_id, raised_on desc, severity, alert_type
