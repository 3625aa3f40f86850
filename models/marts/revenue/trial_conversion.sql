-- Grain: one row per month in which trials ended (date_month).
{% set window_days = var('trial_conversion_window_days') %}
with trials as (
    select * from {{ ref('int_trials') }}
    where ended_on is not null
),

-- a trial is open until its window has closed: it may still convert
classified as (
    select
        {{ month_of('ended_on') }} as date_month,
        {{ add_days('ended_on', window_days) }} > {{ as_of_date() }} as is_open,
        coalesce(first_paid_on <= {{ add_days('ended_on', window_days) }}, false)
            as has_converted,
        {{ days_between('started_on', 'first_paid_on') }} as days_to_convert
    from trials
),

counted as (
    select
        date_month,
        count(*) as trials_ended,
        cast(count(*) filter (where has_converted and not is_open) as bigint)
            as trials_converted,
        cast(count(*) filter (where is_open) as bigint) as trials_open,
        cast(
            median(case when has_converted and not is_open then days_to_convert end)
            as double
        ) as median_days_to_convert
    from classified
    group by date_month
),

final as (
    select
        date_month,
        trials_ended,
        trials_converted,
        trials_open,
        {{ ratio('trials_converted', 'trials_ended - trials_open') }}
            as conversion_rate,
        {{ wilson_bound('trials_converted', '(trials_ended - trials_open)', 'lower') }}
            as conversion_rate_lower,
        {{ wilson_bound('trials_converted', '(trials_ended - trials_open)', 'upper') }}
            as conversion_rate_upper,
        {{ is_small_sample('trials_ended - trials_open') }} as is_small_sample,
        median_days_to_convert,
        {{ is_complete('last_day(date_month)') }} as is_complete_month
    from counted
)

select * from final
