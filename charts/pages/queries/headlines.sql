-- The values of tiles, with the months before for their sparklines.
select
    date_month, metric, value, previous_value, value_change, change_is, lower, upper,
    is_small_sample
from marts.kpi_monthly
where is_complete_month
order by metric, date_month
