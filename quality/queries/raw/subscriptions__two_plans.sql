-- Rule 83: two plans of one subscription at once, without subscription_item_id. Only
-- one of them can count. Rows are taken as delivered, including those set aside as
-- duplicates, and compared by timestamps where delivered.
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

pairs as (
    select
        earlier.subscription_id,
        earlier.plan as earlier_plan,
        later.plan as later_plan,
        earlier.currency,
        coalesce(earlier.mrr, 0) as earlier_mrr,
        coalesce(later.mrr, 0) as later_mrr,
        earlier.ends_at is null and earlier.starts_at < later.starts_at
            as is_left_open
    from delivered as earlier
    inner join delivered as later
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
