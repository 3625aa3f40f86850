-- The header of an account's page.
select
    account.account_id, account.account_name, account.industry, account.country,
    account.employee_band, account.csm_owner, account.signed_up_on,
    account.first_paid_on, account.churned_on, account.current_plan,
    account.current_mrr, account.lifecycle_stage, account.health_score,
    account.health_band, account.top_driver, account.latest_nps_score,
    account.nps_segment, account.latest_csat, account.active_users,
    account.provisioned_users, account.login_ratio, account.last_login_on,
    account.features_used, account.tenure_months, account.revenue_to_date,
    account.survival_clv, account.next_renewal_on, account.cancellation_scheduled_on,
    account.open_alerts, account.open_tickets, account.overdue_invoices,
    account.referrals, account.last_note_on, account.csm_pulse, account.note_author,
    account.risk_reason, account.next_step, onboarding.onboarding_score,
    onboarding.is_stalled
from marts.customer_360 as account
left join marts.onboarding_engagement as onboarding
    on account.account_id = onboarding.account_id
where account.account_id in $accounts
order by account.account_id
