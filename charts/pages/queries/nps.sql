-- NPS of 90 days, and of the month alone.
select
    date_month, period_type, nps, nps_lower, nps_upper, responses, promoter_share,
    passive_share, detractor_share, response_rate, is_small_sample
from marts.nps_monthly
where is_complete_month
order by period_type, date_month
