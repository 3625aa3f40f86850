-- Satisfied answers.
select date_month, responses, satisfied, csat_rate
from marts.csat_monthly
where is_complete_month
order by date_month
