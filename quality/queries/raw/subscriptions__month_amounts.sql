-- The month in which amounts differ most from the median of their plan, interval and
-- currency. Amounts of one month in cents make a factor of 100.
with periods as (
    select
        plan,
        billing_interval,
        currency,
        amount,
        amount / greatest(coalesce(seats, 1), 1) as price,
        date_trunc('month', started_on) as date_month
    from {{ table }}
    where
        rejection_reason is null and amount > 0 and started_on <= date '{{ as_of }}'
),

usual as (
    select
        plan,
        billing_interval,
        currency,
        median(amount) as amount,
        median(price) as price
    from periods
    group by plan, billing_interval, currency
    having count(*) >= 6 and count(distinct date_month) >= 3
),

months as (
    select
        periods.date_month,
        count(*) as periods,
        median(periods.amount / usual.amount) as by_amount,
        median(periods.price / usual.price) as by_price
    from periods
    inner join usual
        on
            periods.plan = usual.plan
            and periods.billing_interval = usual.billing_interval
            and periods.currency = usual.currency
    group by periods.date_month
    having count(*) >= 5
),

factors as (
    select
        date_month,
        periods,
        by_amount,
        least(
            greatest(by_amount, 1 / by_amount), greatest(by_price, 1 / by_price)
        ) as factor
    from months
)

select
    max(factor) as factor,
    'the ' || max_by(periods, factor) || ' periods that start in '
    || strftime(max_by(date_month, factor), '%Y-%m') || ' cost '
    || round(max_by(by_amount, factor), 2) || ' times what is usual' as message
from factors
