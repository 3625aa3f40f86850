-- Cancel reasons of paid periods that ended for good. `reasons_missing` is the number
-- expected in the last quarter, from the year before, if there was none.
with periods as (
    select
        ended_on,
        cancel_reason,
        lead(started_on) over (
            partition by account_id order by started_on, row_key
        ) as next_started_on
    from {{ table }}
    where rejection_reason is null and amount > 0 and not coalesce(is_trial, false)
),

counted as (
    select
        count(*) filter (where ended_on <= date '{{ as_of }}') as ended,
        count(*) filter (
            where ended_on <= date '{{ as_of }}' and cancel_reason is not null
        )
            as with_reason,
        count(*) filter (
            where ended_on between date '{{ as_of }}' - 91 and date '{{ as_of }}'
        )
            as recent,
        count(*) filter (
            where
            ended_on between date '{{ as_of }}' - 91 and date '{{ as_of }}'
            and cancel_reason is not null
        ) as recent_with_reason,
        count(*) filter (
            where ended_on between date '{{ as_of }}' - 456 and date '{{ as_of }}' - 92
        )
            as before,
        count(*) filter (
            where
            ended_on between date '{{ as_of }}' - 456 and date '{{ as_of }}' - 92
            and cancel_reason is not null
        ) as before_with_reason
    from periods
    where coalesce(next_started_on, date '9999-12-31') > ended_on + 1
)

select
    case when ended >= {{ small }} then with_reason end as with_reason,
    case
        when recent_with_reason = 0
            then recent * before_with_reason / nullif(before, 0)
        else 0
    end as reasons_missing,
    with_reason || ' of ' || ended || ' ended periods have a cancel_reason, '
    || recent_with_reason || ' of ' || recent || ' in the last quarter, '
    || before_with_reason || ' of ' || before || ' in the year before' as message
from counted
