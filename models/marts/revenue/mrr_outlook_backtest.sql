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
        -- the bounds included: 1e-9 is the noise of doubles
        outlooks.actual_mrr between
        intervals.lower - 1e-9 * abs(outlooks.actual_mrr)
        and intervals.upper + 1e-9 * abs(outlooks.actual_mrr) as is_within_interval
    from outlooks
    left join intervals
        on
            outlooks.made_on = intervals.made_on
            and outlooks.months_ahead = intervals.months_ahead
)

select * from final
