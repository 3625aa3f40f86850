-- Rejected rows as they came; not those that are left out on purpose.
select source_table, row_key, reason, occurrence, detected_on, raw_row
from marts.rejected_rows
where reason not in $as_meant
order by source_table, reason, row_key, occurrence
limit $most
