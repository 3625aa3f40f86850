-- Each metric of each complete month: as first reported, and now.
select
    kpi.date_month, kpi.metric, catalogue.label, catalogue.unit,
    kpi.first_reported_value, kpi.value
from marts.kpi_monthly as kpi
inner join marts.metric_catalogue as catalogue on kpi.metric = catalogue.metric
where kpi.is_complete_month
order by kpi.metric, kpi.date_month desc
