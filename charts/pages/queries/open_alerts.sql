-- Open alerts with whom they are about, the most severe and largest first.
select
    alert.alert_id, alert.account_id, account.account_name, alert.alert_type,
    alert.severity, alert.raised_on, alert.detail, alert.recommended_action,
    alert.due_at, alert.mrr_at_risk, account.csm_owner, account.current_plan,
    account.industry, account.health_band
from marts.account_alerts as alert
inner join marts.customer_360 as account on alert.account_id = account.account_id
where alert.is_open
order by
    alert.severity, alert.mrr_at_risk desc, alert.raised_on, alert.account_id,
    alert.alert_type
