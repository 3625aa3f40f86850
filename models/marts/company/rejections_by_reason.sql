-- Grain: one row per raw table and reason (source_table, reason), where rows were
-- rejected.
with rejected_rows as (
    select * from {{ ref('rejected_rows') }}
),

counted as (
    select
        source_table,
        reason,
        count(*) as rejected_rows
    from rejected_rows
    group by source_table, reason
)

select * from counted
