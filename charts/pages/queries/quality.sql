-- How fresh each table is, and whether rows of it were rejected.
select source_table, rows_in, accepted, rejected, freshness, days_since_latest_row
from marts.data_quality_summary
order by source_table
