-- Rule 83: a subscription that continues under another account without a gap. One
-- customer churns and a new one starts, which is wrong if they are the same.
{% from 'macros.sql' import monthly_amount with context -%}
{% set item = "coalesce(subscription_item_id, '')"
    if 'subscription_item_id' in columns else "''" -%}
with periods as (
    select
        subscription_id,
        account_id,
        started_on,
        currency,
        {{ monthly_amount() }} as mrr,
        lag(account_id) over subscription as account_before,
        lag(coalesce(ended_on, date '9999-12-31')) over subscription as ended_before
    from {{ table }}
    where
        coalesce(rejection_reason, 'overlapping_period') = 'overlapping_period'
        and subscription_id is not null
        and started_on is not null
    window
        subscription as (
            partition by subscription_id, {{ item }} order by first_date_at, row_key
        )
),

moved as (
    select
        subscription_id,
        account_before,
        account_id,
        currency,
        coalesce(mrr, 0) as mrr,
        row_number() over (order by mrr desc nulls last, subscription_id asc) as place
    from periods
    -- an inclusive ended_on leaves a gap of a day
    where account_id != account_before and started_on - 1 <= ended_before
)

select
    count(*) as moved,
    coalesce(
        'subscriptions that continue under another account: ' || count(*) || ', '
        || string_agg(
            subscription_id || ' from ' || account_before || ' to ' || account_id
            || ' (MRR ' || printf('%.2f', mrr) || ' ' || currency || ')',
            ', ' order by place
        ) filter (where place <= 5),
        'none'
    ) as message
from moved
