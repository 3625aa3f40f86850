-- Does anything end? `ended` counts periods with an end, of more than a year.
-- `ends_missing` is the number of ends expected in the last quarter, from the year
-- before and its same quarter, if there was none.
with periods as (
    select
        account_id,
        started_on,
        ended_on
    from {{ table }}
    where
        rejection_reason is null
        and amount > 0
        and not coalesce(is_trial, false)
        and started_on <= date '{{ as_of }}'
),

counted as (
    select
        count(distinct account_id) as accounts,
        date '{{ as_of }}' - min(started_on) as days,
        count(ended_on) as ended,
        count(*) filter (
            where ended_on between date '{{ as_of }}' - 91 and date '{{ as_of }}'
        )
            as recent,
        count(*) filter (
            where ended_on between date '{{ as_of }}' - 456 and date '{{ as_of }}' - 92
        )
            as year_before,
        count(*) filter (
            where ended_on between date '{{ as_of }}' - 456 and date '{{ as_of }}' - 365
        )
            as same_quarter
    from periods
)

select
    case when accounts >= {{ small }} and days >= 365 then ended end as ended,
    case when accounts >= 100 and days >= 365 then ended end as ended_of_many,
    case
        when recent > 0 then 0 else least(year_before * 92 / 365, same_quarter)
    end as ends_missing,
    ended || ' periods of ' || accounts || ' accounts have ended in ' || days
    || ' days, ' || recent || ' in the last quarter, ' || year_before
    || ' in the year before' as message
from counted
