-- Grain: one row per publish, month and metric whose value differs from the one
-- reported before (publish_number, date_month, metric). `make publish` adds its rows to
-- the candidate (pipeline/publish/reported.py); a build shows those so far.
with figures_reported as (
    select * from {{ ref('stg_figures_reported') }}
),

final as (
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
    from figures_reported
)

select * from final
