-- Grain: one row per publish, month and metric whose value differs from the one
-- reported before (publish_number, date_month, metric).
with reported as (
    select * from {{ source('history', 'figures_reported') }}
),

metrics as (
    select
        publish_number,
        date_month,
        metric,
        reported_at,
        as_of_date,
        value,
        previous_value,
        change,
        cause,
        detail,
        build_id
    from reported
)

select * from metrics
