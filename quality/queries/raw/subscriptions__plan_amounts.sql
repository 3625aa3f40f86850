-- The price of a plan in the last quarter compared with its own history. Each new
-- amount is compared with the median of its plan, interval and currency before; a
-- plan's factor is the median of these. The price per seat is compared as well, and the
-- smaller factor is used, so that neither a larger customer nor a new seats column
-- triggers it.
with periods as (
    select
        plan,
        billing_interval,
        currency,
        amount,
        amount / greatest(coalesce(seats, 1), 1) as price,
        started_on > date '{{ as_of }}' - 92 as is_recent
    from {{ table }}
    where
        rejection_reason is null
        and amount > 0
        and started_on <= date '{{ as_of }}'
        and started_on > date '{{ as_of }}' - 822
),

usual as (
    select
        plan,
        billing_interval,
        currency,
        median(amount) as amount,
        median(price) as price
    from periods
    where not is_recent
    group by plan, billing_interval, currency
    having count(*) >= 3
),

plans as (
    select
        periods.plan,
        count(*) as periods,
        median(periods.amount / usual.amount) as by_amount,
        median(periods.price / usual.price) as by_price
    from periods
    inner join usual
        on
            periods.plan = usual.plan
            and periods.billing_interval = usual.billing_interval
            and periods.currency = usual.currency
    where periods.is_recent
    group by periods.plan
    having count(*) >= 5
),

factors as (
    select
        plan,
        periods,
        by_amount,
        least(
            greatest(by_amount, 1 / by_amount), greatest(by_price, 1 / by_price)
        ) as factor
    from plans
)

select
    max(factor) as factor,
    'the ' || max_by(periods, factor) || ' new periods of plan '
    || max_by(plan, factor) || ' in the last quarter cost '
    || round(max_by(by_amount, factor), 2) || ' times what was usual' as message
from factors
