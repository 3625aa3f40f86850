-- Grain: one row per day of an outlook and number of months ahead (made_on,
-- months_ahead): how far earlier outlooks were off that had come true by then.
{% set fewest_backtests = 8 %}
with outlooks as (
    select * from {{ ref('int_mrr_outlooks') }}
),

errors as (
    select
        months_ahead,
        ends_on,
        (actual_mrr - expected_mrr) / nullif(expected_mrr, 0) as relative_error
    from outlooks
    where actual_mrr is not null
),

quantiles as (
    select
        outlooks.made_on,
        outlooks.months_ahead,
        percentile_cont(0.1) within group (order by errors.relative_error)
            as error_lower,
        percentile_cont(0.9) within group (order by errors.relative_error)
            as error_upper
    from outlooks
    inner join errors
        on
            outlooks.months_ahead = errors.months_ahead
            and outlooks.made_on >= errors.ends_on
    group by outlooks.made_on, outlooks.months_ahead
    having count(errors.relative_error) >= {{ fewest_backtests }}
),

final as (
    select
        outlooks.made_on,
        outlooks.months_ahead,
        outlooks.expected_mrr * (1 + quantiles.error_lower) as lower,
        outlooks.expected_mrr * (1 + quantiles.error_upper) as upper
    from outlooks
    inner join quantiles
        on
            outlooks.made_on = quantiles.made_on
            and outlooks.months_ahead = quantiles.months_ahead
)

select * from final
