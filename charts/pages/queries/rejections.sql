-- Why rows were not used, the most frequent reason first.
select source_table, reason, rejected_rows
from marts.rejections_by_reason
order by rejected_rows desc, source_table, reason
