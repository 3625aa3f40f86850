-- Grain: one row per month of the 12 after that of as_of_date (date_month,
-- months_ahead).
with outlooks as (
    select * from {{ ref('int_mrr_outlooks') }}
    where made_on = {{ as_of_date() }}
),

intervals as (
    select * from {{ ref('int_outlook_intervals') }}
),

final as (
    select
        outlooks.date_month,
        outlooks.months_ahead,
        outlooks.committed_mrr,
        outlooks.contracted_mrr,
        outlooks.expected_mrr,
        intervals.lower,
        intervals.upper,
        outlooks.mean_new_mrr as trailing_new_mrr
    from outlooks
    left join intervals
        on
            outlooks.made_on = intervals.made_on
            and outlooks.months_ahead = intervals.months_ahead
)

select * from final
