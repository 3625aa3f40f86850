-- The book of business of each customer-success manager, by month.
select
    csm_owner, date_month, accounts, customers, mrr, nrr_12m, grr_12m,
    churned_customers, churned_mrr, expansion_mrr, renewals_due_90d, mrr_due_90d,
    red_mrr, yellow_mrr, open_alerts, overdue_alerts, nps, is_todays_owner,
    is_complete_month
from marts.csm_book
order by date_month, mrr desc, csm_owner
