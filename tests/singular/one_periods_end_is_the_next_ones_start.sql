-- A row returned is a period that does not start with what the one before it ended
-- with, or has none before it although it is not the first.
with periods as (
    select
        *,
        lag(customers_at_end) over by_grain as customers_before,
        lag(mrr_at_end) over by_grain as mrr_before,
        lag(period_start) over by_grain as start_before
    from {{ ref('churn_by_period') }}
    window by_grain as (partition by period_grain order by period_start)
)

select
    period_grain,
    period_start
from periods
where
    coalesce(customers_before, 0) <> customers_at_start
    or coalesce(mrr_before, 0) <> mrr_at_start
    or start_before <> {{ add_months(
        'period_start',
        "case period_grain when 'month' then -1 when 'quarter' then -3 else -12 end"
    ) }}
