-- What came in of each table, what was not used of it, and how fresh it is.
select
    source_table, rows_in, accepted, rejected, rejection_rate, filtered,
    deleted_at_source, inferred_ids, history_from, latest_row_at, days_since_latest_row,
    freshness
from marts.data_quality_summary
order by source_table
