-- A row returned is a raw table with more rejected rows than max_rejection_rate and
-- min_rejected_rows allow: too many to trust the metrics. The main reason is reported
-- at the end of the run (macro report_rejections). Rows of merged accounts are correct
-- (rule 70).
with counted as (
    select
        source_table,
        sum(rejected_rows) as rejected
    from {{ ref('rejections_by_reason') }}
    where reason not in ('filtered', 'deleted_at_source', 'merged_account')
    group by source_table
),

compared as (
    select
        totals.source_table,
        totals.rows_in - totals.filtered - totals.deleted_at_source as rows_considered,
        counted.rejected
    from {{ ref('data_quality_summary') }} as totals
    inner join counted on totals.source_table = counted.source_table
)

select * from compared
where
    rejected > {{ var('max_rejection_rate') }} * rows_considered
    and rejected > {{ var('min_rejected_rows') }}
