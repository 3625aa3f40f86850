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

complete_values as (
    select * from kpi_values
    where is_complete_month and value is not null
),

-- the metric's changes, from the month before and from the year before
changes as (
    select
        complete_values.metric,
        complete_values.date_month,
        complete_values.value - a_month_before.value as monthly_change,
        complete_values.value - a_year_before.value as yearly_change,
        greatest(abs(complete_values.value), abs(a_month_before.value)) as monthly_size,
        greatest(abs(complete_values.value), abs(a_year_before.value)) as yearly_size
    from complete_values
    left join complete_values as a_month_before
        on
            complete_values.metric = a_month_before.metric
            and a_month_before.date_month
            = {{ add_months('complete_values.date_month', -1) }}
    left join complete_values as a_year_before
        on
            complete_values.metric = a_year_before.metric
            and a_year_before.date_month
            = {{ add_months('complete_values.date_month', -12) }}
),

-- of the 24 months before each
past_changes as (
    select
        changes.metric,
        changes.date_month,
        past.monthly_change,
        past.yearly_change,
        past.monthly_size,
        past.yearly_size
    from changes
    inner join changes as past
        on
            changes.metric = past.metric
            and past.date_month < changes.date_month
            and past.date_month >= {{ add_months('changes.date_month', -24) }}
),

-- by the year where all 24 are known, else by the month where at least 12 are
medians as (
    select
        metric,
        date_month,
        count(yearly_change) = 24 as is_seasonal,
        median(yearly_change) as yearly_median,
        median(monthly_change) as monthly_median
    from past_changes
    group by metric, date_month
    having count(yearly_change) = 24 or count(monthly_change) >= 12
),

distances as (
    select
        medians.metric,
        medians.date_month,
        medians.is_seasonal,
        case
            when medians.is_seasonal then medians.yearly_median
            else medians.monthly_median
        end as median_change,
        case
            when medians.is_seasonal
                then {{ distance('yearly_change', 'yearly_median', 'yearly_size') }}
            else {{ distance('monthly_change', 'monthly_median', 'monthly_size') }}
        end as distance
    from medians
    inner join past_changes
        on
            medians.metric = past_changes.metric
            and medians.date_month = past_changes.date_month
),

-- the MAD as a standard deviation. Where most changes are alike it is zero: the mean
-- distance is used (Iglewicz and Hoaglin, How to Detect Outliers, 1993)
spreads as (
    select
        metric,
        date_month,
        is_seasonal,
        median_change,
        case
            when median(distance) > 0 then 1.4826e0 * median(distance)
            else 1.2533e0 * {{ mean_of('distance') }}
        end as spread
    from distances
    group by metric, date_month, is_seasonal, median_change
),

ranges as (
    select
        spreads.metric,
        spreads.date_month,
        bases.value + spreads.median_change - 4 * spreads.spread as expected_lower,
        bases.value + spreads.median_change + 4 * spreads.spread as expected_upper
    from spreads
    inner join complete_values as bases
        on
            spreads.metric = bases.metric
            and bases.date_month = {{ add_months(
                'spreads.date_month', 'case when spreads.is_seasonal then -12 else -1 end'
            ) }}
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
        ({{ is_within(
            'with_change.value', 'ranges.expected_lower', 'ranges.expected_upper'
        ) }}) = false as is_unusual,
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
