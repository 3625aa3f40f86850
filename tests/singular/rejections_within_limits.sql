-- A row returned is a raw table of which more was rejected than max_rejection_rate and
-- min_rejected_rows allow: too much is wrong with it to trust the figures. Which reason
-- leads is said at the end of the run (macro report_rejections).
select
    source_table,
    rows_in,
    rejected,
    rejection_rate
from {{ ref('data_quality_summary') }}
where
    rejection_rate > {{ var('max_rejection_rate') }}
    and rejected > {{ var('min_rejected_rows') }}
