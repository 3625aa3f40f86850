-- Accounts with a running paid subscription, today and 30 days ago.
with paid as (
    select
        account_id,
        started_on,
        coalesce(ended_on, date '9999-12-31') as ended_on
    from {{ table }}
    where rejection_reason is null and amount > 0 and not coalesce(is_trial, false)
),

counted as (
    select
        count(distinct account_id) filter (
            where started_on <= date '{{ as_of }}' and ended_on > date '{{ as_of }}'
        ) as today,
        count(distinct account_id) filter (
            where
            started_on <= date '{{ as_of }}' - 30
            and ended_on > date '{{ as_of }}' - 30
        ) as before
    from paid
)

select
    case when before >= {{ small }} then today / before end as kept,
    today || ' accounts with a running paid subscription, ' || before
    || ' 30 days before' as message
from counted
