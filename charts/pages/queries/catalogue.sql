-- What each headline metric is called, and which direction is better.
select metric, label, unit, direction, formula
from marts.metric_catalogue
order by metric
