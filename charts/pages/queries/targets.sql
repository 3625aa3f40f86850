-- What the headline metrics of complete months are to reach.
select date_month, metric, target_value, is_met
from marts.metric_targets
where is_complete_month
order by metric, date_month
