-- NPS of 90 days, and of the month alone.
select date_month, period_type, nps, nps_lower, nps_upper, responses, is_small_sample
from marts.nps_monthly
where is_complete_month
order by period_type, date_month
