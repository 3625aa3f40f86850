-- Rule 83: two plans of one subscription at once, without subscription_item_id. Only
-- one of them can count. Rows are taken as delivered, including those set aside as
-- duplicates, and compared by timestamps where delivered. An open term ends where the
-- next one of the same plan starts, as a renewal.
{% from 'macros.sql' import monthly_amount with context -%}
with delivered as (
    select distinct
        subscription_id,
        plan,
        currency,
        first_date_at as starts_at,
        {{ monthly_amount() }} as mrr,
        coalesce(
            try_cast((raw_row ->> 'ended_on') as timestamp), cast(ended_on as timestamp)
        ) as ends_at
    from {{ table }}
    where
        coalesce(rejection_reason, 'duplicate_key')
        in ('duplicate_key', 'overlapping_period')
        and subscription_id is not null
        and plan is not null
        and first_date_at is not null
        and not coalesce(is_trial, false)
        {%- if 'subscription_item_id' in columns %}
        and coalesce(subscription_item_id, '') = ''
        {%- endif %}
),

starts as (
    select
        subscription_id,
        plan,
        starts_at,
        lead(starts_at) over (partition by subscription_id, plan order by starts_at)
            as next_starts_at
    from delivered
    group by subscription_id, plan, starts_at
),

terms as (
    select
        delivered.subscription_id,
        delivered.plan,
        delivered.currency,
        delivered.starts_at,
        delivered.mrr,
        delivered.ends_at is null as is_open,
        coalesce(delivered.ends_at, starts.next_starts_at) as ends_at
    from delivered
    inner join starts
        on
            delivered.subscription_id = starts.subscription_id
            and delivered.plan = starts.plan
            and delivered.starts_at = starts.starts_at
),

pairs as (
    select
        earlier.subscription_id,
        earlier.plan as earlier_plan,
        later.plan as later_plan,
        earlier.currency,
        coalesce(earlier.mrr, 0) as earlier_mrr,
        coalesce(later.mrr, 0) as later_mrr,
        earlier.is_open and earlier.starts_at < later.starts_at as is_left_open
    from terms as earlier
    inner join terms as later
        on
            earlier.subscription_id = later.subscription_id
            and (
                earlier.starts_at < later.starts_at
                or (earlier.starts_at = later.starts_at and earlier.plan < later.plan)
            )
            and later.starts_at < coalesce(earlier.ends_at, timestamp '9999-12-31')
    where
        earlier.plan != later.plan
        and earlier.starts_at < coalesce(later.ends_at, timestamp '9999-12-31')
),

ranked as (
    select
        *,
        row_number() over (
            order by
                is_left_open asc,
                earlier_mrr + later_mrr desc,
                subscription_id,
                earlier_plan asc,
                later_plan asc
        ) as place
    from pairs
)

select
    count(*) as pairs,
    coalesce(
        'pairs of plans of one subscription that run at once: ' || count(*) || ', MRR '
        || printf('%.2f', sum(earlier_mrr + later_mrr)) || ' at stake, '
        || count(*) filter (where is_left_open)
        || ' of them an earlier plan left open: '
        || string_agg(
            subscription_id || ' (' || earlier_plan || ' '
            || printf('%.2f', earlier_mrr) || ' and ' || later_plan || ' '
            || printf('%.2f', later_mrr) || ' ' || currency || ')',
            ', ' order by place
        ) filter (where place <= 5),
        'none'
    ) as message
from ranked
