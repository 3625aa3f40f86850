-- Grain: one row per subscription item and day from which its terms hold
-- (subscription_id, item_id, started_on). The plan's own item is plan, others are add-ons.
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
with lines as (
    select * from {{ ref('recurly_lines') }}
),

plan_states as (
    select * from {{ ref('recurly_plan_states') }}
),

add_on_states as (
    select * from {{ ref('recurly_add_on_states') }}
),

subscriptions as (
    select * from {{ ref('recurly_subscription_dates') }}
),

plans as (
    select * from {{ ref('recurly_plans') }}
),

-- where several hold on a day, the one with the highest rank counts
every_state as (
    select
        subscription_id,
        item_id,
        started_on,
        state_rank,
        known_at,
        plan_id,
        unit_amount,
        quantity,
        is_removed
    from plan_states
    union all
    select
        subscription_id,
        item_id,
        started_on,
        state_rank,
        known_at,
        plan_id,
        unit_amount,
        quantity,
        is_removed
    from add_on_states
    union all
    select
        subscription_id,
        item_id,
        started_on,
        1 as state_rank,
        cast(started_on as timestamp) as known_at,
        plan_id,
        unit_amount,
        quantity,
        false as is_removed
    from lines
),

ranked as (
    select
        *,
        {{ recurly_state_rank() }} as day_rank
    from every_state
),

with_plans as (
    select
        ranked.subscription_id,
        ranked.item_id,
        ranked.started_on,
        ranked.unit_amount,
        ranked.quantity,
        ranked.is_removed,
        coalesce(
            ranked.plan_id,
            max_by(
                case
                    when plan_rows.started_on <= ranked.started_on then plan_rows.plan_id
                end,
                plan_rows.started_on
            ),
            min_by(plan_rows.plan_id, plan_rows.started_on)
        ) as plan_id
    from ranked
    left join ranked as plan_rows
        on
            ranked.subscription_id = plan_rows.subscription_id
            and plan_rows.item_id = 'plan'
            and plan_rows.day_rank = 1
    where ranked.day_rank = 1
    group by
        ranked.subscription_id,
        ranked.item_id,
        ranked.started_on,
        ranked.unit_amount,
        ranked.quantity,
        ranked.is_removed,
        ranked.plan_id
),

with_discounts as (
    select
        with_plans.*,
        lines.subtotal,
        lines.discount,
        count(lines.subtotal) over (
            partition by with_plans.subscription_id, with_plans.item_id
            order by with_plans.started_on
            rows between unbounded preceding and current row
        ) as bill_number
    from with_plans
    left join lines
        on
            with_plans.subscription_id = lines.subscription_id
            and with_plans.item_id = lines.item_id
            and with_plans.started_on = lines.started_on
),

filled as (
    select
        *,
        max(subtotal) over (partition by subscription_id, item_id, bill_number)
            as billed_subtotal,
        max(discount) over (partition by subscription_id, item_id, bill_number)
            as billed_discount
    from with_discounts
),

listed as (
    select
        filled.*,
        plans.plan,
        plans.billing_interval,
        plans.term_months,
        {{ exact_ratio(
            'cast(filled.unit_amount * coalesce(filled.quantity, 1) * plans.multiplier'
            ~ ' as decimal(38, 8))',
            'plans.divisor',
            4
        ) }} as list_amount
    from filled
    left join plans on filled.plan_id = plans.plan_id
),

final as (
    select
        listed.subscription_id,
        listed.item_id,
        listed.started_on,
        listed.plan,
        listed.billing_interval,
        listed.term_months,
        coalesce(listed.quantity, 1) as seats,
        subscriptions.currency,
        listed.list_amount,
        case
            when listed.billed_subtotal > 0
                then {{ exact_ratio(
                    'cast(listed.list_amount'
                    ~ ' * cast(greatest(listed.billed_subtotal - listed.billed_discount, 0)'
                    ~ ' as decimal(18, 4)) as decimal(38, 8))',
                    'listed.billed_subtotal',
                    4
                ) }}
            else listed.list_amount
        end as amount,
        listed.is_removed
    from listed
    inner join subscriptions on listed.subscription_id = subscriptions.subscription_id
)

select * from final
