-- Rule 73: in how many successions of a subscription's periods the next starts exactly
-- one day after ended_on. Where ended_on is the first day after the period, it starts
-- on that day.
{% set item = "coalesce(subscription_item_id, '')"
    if 'subscription_item_id' in columns else "''" -%}
with periods as (
    select
        ended_on,
        lead(started_on) over (
            partition by subscription_id, {{ item }} order by started_on
        ) as next_started_on
    from {{ table }}
    where rejection_reason is null
),

counted as (
    select
        count(*) as successions,
        count(*) filter (where next_started_on - ended_on = 1) as with_a_day_between
    from periods
    where next_started_on is not null
)

select
    case
        when with_a_day_between >= 3 then with_a_day_between / successions else 0
    end as share,
    case when successions >= 20 then with_a_day_between / successions end
        as share_of_many,
    with_a_day_between || ' of ' || successions
    || ' periods start exactly one day after the one before has ended: '
    || 'is ended_on inclusive?' as message
from counted
