-- Grain: one row per month end on which an outlook would have been made and number of
-- months ahead (made_on, months_ahead), for months that are complete.
with outlooks as (
    select * from {{ ref('int_mrr_outlooks') }}
    where actual_mrr is not null
),

intervals as (
    select * from {{ ref('int_outlook_intervals') }}
),

final as (
    select
        outlooks.made_on,
        outlooks.months_ahead,
        outlooks.expected_mrr,
        outlooks.actual_mrr,
        outlooks.actual_mrr - outlooks.expected_mrr as error,
        {{ is_within('outlooks.actual_mrr', 'intervals.lower', 'intervals.upper') }}
            as is_within_interval
    from outlooks
    left join intervals
        on
            outlooks.made_on = intervals.made_on
            and outlooks.months_ahead = intervals.months_ahead
)

select * from final
