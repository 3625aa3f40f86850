-- What publishes reported of a month, and why it changed.
select
    reported.date_month, reported.metric, catalogue.label, catalogue.unit,
    reported.reported_at, reported.as_of_date, reported.value, reported.previous_value,
    reported.change, reported.cause, reported.detail, reported.build_id,
    reported.publish_number
from marts.figures_reported as reported
inner join marts.metric_catalogue as catalogue on reported.metric = catalogue.metric
order by
    reported.publish_number desc, reported.date_month desc, reported.metric
