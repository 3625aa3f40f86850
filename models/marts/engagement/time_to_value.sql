-- Grain: one row per month in which accounts had their first day (signup_month).
with onboarding as (
    select * from {{ ref('int_onboarding') }}
),

months as (
    select * from {{ ref('int_months') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

-- accounts without a value moment yet count in the shares, but not in the median
counted as (
    select
        {{ month_of('first_day_on') }} as signup_month,
        count(*) as accounts,
        count(days_to_value) as reached_value,
        percentile_cont(0.5) within group (order by days_to_value) as median_days,
        percentile_cont(0.75) within group (order by days_to_value) as p75_days,
        count(*) filter (where days_to_value <= 7) as reached_within_7_days,
        count(*) filter (where days_to_value <= 30) as reached_within_30_days
    from onboarding
    group by {{ month_of('first_day_on') }}
),

-- without feature events nobody knows who reached value
final as (
    select
        counted.signup_month,
        counted.accounts,
        case when available_sources.has_feature_events then counted.reached_value end
            as reached_value,
        case
            when available_sources.has_feature_events
                then counted.accounts - counted.reached_value
        end as not_yet,
        cast(counted.median_days as double) as median_days,
        cast(counted.p75_days as double) as p75_days,
        case
            when available_sources.has_feature_events
                then {{ ratio('counted.reached_within_7_days', 'counted.accounts') }}
        end as share_within_7_days,
        case
            when available_sources.has_feature_events
                then {{ ratio('counted.reached_within_30_days', 'counted.accounts') }}
        end as share_within_30_days,
        months.is_complete_month
    from counted
    inner join months on counted.signup_month = months.date_month
    cross join available_sources
)

select * from final
