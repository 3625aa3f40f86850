-- Who stayed, by segment.
select
    date_month, segment_type, segment_value, metric, value, lower, upper, base,
    is_small_sample
from marts.retention_by_segment
where is_complete_month
order by metric, segment_type, segment_value, date_month
