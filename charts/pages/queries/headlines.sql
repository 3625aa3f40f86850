-- The tiles of the front door, with the months before for their sparklines.
select
    date_month, metric, value, previous_value, value_change, change_is, lower, upper,
    is_small_sample
from marts.kpi_monthly
where
    is_complete_month
    and metric in ('mrr_at_end', 'nrr_12m', 'churn_rate', 'nps', 'mau', 'red_accounts')
order by metric, date_month
