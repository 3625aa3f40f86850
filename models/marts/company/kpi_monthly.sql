-- Grain: one row per month and metric (date_month, metric), for the months of the
-- metric's own mart, up to that of as_of_date.
with kpi_values as (
    select * from {{ ref('kpi_values') }}
),

metric_catalogue as (
    select * from {{ ref('metric_catalogue') }}
),

first_reports as (
    select * from {{ ref('figures_reported') }}
    where cause = 'first_report'
),

ranges as (
    select * from {{ ref('int_expected_ranges') }}
),

with_last as (
    select
        *,
        lag(value) over by_metric as last_value,
        lag(is_small_sample) over by_metric as is_last_small_sample,
        lag(date_month) over by_metric as last_month
    from kpi_values
    window by_metric as (partition by metric order by date_month)
),

-- the previous row may be of an earlier month: then there is no previous value
with_previous as (
    select
        *,
        case
            when last_month = {{ add_months('date_month', -1) }} then last_value
        end as previous_value
    from with_last
),

-- two equal values may differ in the last digits of a double, which is not a change. A
-- change in two trials, or two answers, is chance and not a change either
with_change as (
    select
        *,
        case
            when is_small_sample or is_last_small_sample then null
            when
                abs(value - previous_value)
                <= 1e-9 * greatest(abs(value), abs(previous_value))
                then 0
            else value - previous_value
        end as value_change
    from with_previous
),

final as (
    select
        with_change.date_month,
        with_change.metric,
        with_change.value,
        first_reports.value as first_reported_value,
        with_change.previous_value,
        with_change.value_change,
        case
            when with_change.value_change = 0 then 'unchanged'
            when
                (with_change.value_change > 0) = (metric_catalogue.direction = 'up')
                then 'better'
            when with_change.value_change <> 0 then 'worse'
        end as change_is,
        with_change.lower,
        with_change.upper,
        with_change.value
        < ranges.expected_lower - 1e-9 * abs(with_change.value)
        or with_change.value
        > ranges.expected_upper + 1e-9 * abs(with_change.value) as is_unusual,
        ranges.expected_lower,
        ranges.expected_upper,
        with_change.is_small_sample,
        metric_catalogue.journey_phase,
        metric_catalogue.strategy,
        with_change.is_complete_month
    from with_change
    left join metric_catalogue on with_change.metric = metric_catalogue.metric
    left join first_reports
        on
            with_change.metric = first_reports.metric
            and with_change.date_month = first_reports.date_month
    left join ranges
        on
            with_change.metric = ranges.metric
            and with_change.date_month = ranges.date_month
)

select * from final
