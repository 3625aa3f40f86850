-- Grain: one row per raw table that snapshots have rows of (source_table).
with snapshots as (
    select * from {{ source('history', 'history_starts') }}
),

starts as (
    select
        source_table,
        history_from
    from snapshots
)

select * from starts
