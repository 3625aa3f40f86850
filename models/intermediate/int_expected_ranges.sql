-- Grain: one row per complete month and metric with enough history (metric,
-- date_month): in which range its value was to be expected, by its own changes before.
with kpi_values as (
    select * from {{ ref('kpi_values') }}
),

complete_values as (
    select
        metric,
        date_month,
        value
    from kpi_values
    where is_complete_month and value is not null
),

-- the metric's changes, from the month before and from the year before
changes as (
    select
        complete_values.metric,
        complete_values.date_month,
        complete_values.value - a_month_before.value as monthly_change,
        complete_values.value - a_year_before.value as yearly_change,
        greatest(abs(complete_values.value), abs(a_month_before.value))
            as monthly_size,
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

with_distance as (
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
                then abs(past_changes.yearly_change - medians.yearly_median)
            else abs(past_changes.monthly_change - medians.monthly_median)
        end as distance,
        case
            when medians.is_seasonal then past_changes.yearly_size
            else past_changes.monthly_size
        end as size
    from medians
    inner join past_changes
        on
            medians.metric = past_changes.metric
            and medians.date_month = past_changes.date_month
),

-- the noise of doubles is no distance: it would be the MAD of a metric that rests
distances as (
    select
        metric,
        date_month,
        is_seasonal,
        median_change,
        case when distance <= 1e-12 * size then 0 else distance end as distance
    from with_distance
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

final as (
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
)

select * from final
