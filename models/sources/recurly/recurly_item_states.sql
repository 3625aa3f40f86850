-- Grain: one row per subscription item and day from which its terms hold
-- (subscription_id, item_id, started_on). The plan's own item is plan, others are add-ons.
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
{% set text = dbt.type_string() %}
{% set usage = source_setting('recurly', 'usage_add_ons', []) %}
with history as (
    select * from {{ source_table('recurly', 'subscription_history') }}
),

changes as (
    select * from {{ source_table('recurly', 'subscription_change_history') }}
),

add_ons as (
    select * from {{ source_table('recurly', 'subscription_add_on_history') }}
),

lines as (
    select * from {{ ref('recurly_lines') }}
),

subscriptions as (
    select * from {{ ref('recurly_subscription_dates') }}
),

plans as (
    select * from {{ ref('recurly_plans') }}
),

change_versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from changes
),

-- a change that is only planned has no effect yet
activated as (
    select
        subscription_id,
        plan_id,
        unit_amount,
        quantity,
        activate_at,
        cast(activate_at as date) as started_on
    from change_versions
    where version_rank = 1 and activated and deleted_at is null
),

versions as (
    select
        history.id as subscription_id,
        history.plan_id,
        history.unit_amount,
        history.quantity,
        history.updated_at,
        greatest(cast(history.updated_at as date), subscriptions.started_on) as known_on,
        subscriptions.started_on as begun_on,
        row_number() over (
            partition by history.id order by history.updated_at, history._fivetran_synced
        ) as version_number
    from history
    inner join subscriptions on history.id = subscriptions.subscription_id
),

-- a version counts from the day on which it is known: before it only where nothing else
-- was ever billed or changed
version_states as (
    select
        subscription_id,
        plan_id,
        unit_amount,
        quantity,
        updated_at,
        case
            when
                version_number = 1
                and not exists (
                    select 1
                    from lines
                    where
                        lines.subscription_id = versions.subscription_id
                        and lines.item_id = 'plan'
                        and lines.started_on <= versions.known_on
                )
                and not exists (
                    select 1
                    from activated
                    where
                        activated.subscription_id = versions.subscription_id
                        and activated.started_on <= versions.known_on
                )
                then begun_on
            else known_on
        end as started_on
    from versions
),

add_on_versions as (
    select
        *,
        cast(coalesce(updated_at, created_at) as date) as known_on,
        row_number() over (
            partition by id order by updated_at, _fivetran_synced
        ) as version_number,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from add_ons
    {%- if usage %}
    where plan_add_on_id not in ({{ text_list(usage) }})
    {%- endif %}
),

add_on_states as (
    select
        *,
        case
            when
                version_number = 1
                and not exists (
                    select 1
                    from lines
                    where
                        lines.subscription_id = add_on_versions.subscription_id
                        and lines.item_id = add_on_versions.plan_add_on_id
                        and lines.started_on <= add_on_versions.known_on
                )
                then cast(coalesce(created_at, updated_at) as date)
            else known_on
        end as started_on
    from add_on_versions
),

-- an add-on that was billed and that no table of add-ons has ended with its last bill
unlisted as (
    select
        lines.subscription_id,
        lines.item_id,
        max(lines.ended_on) as ended_on
    from lines
    left join add_ons
        on
            lines.subscription_id = add_ons.subscription_id
            and lines.item_id = add_ons.plan_add_on_id
    where lines.item_id <> 'plan' and add_ons.id is null
    group by lines.subscription_id, lines.item_id
),

-- where several hold on a day, the one with the highest rank counts
every_state as (
    select
        subscription_id,
        'plan' as item_id,
        started_on,
        3 as state_rank,
        updated_at as known_at,
        plan_id,
        unit_amount,
        quantity,
        false as is_removed
    from version_states
    union all
    select
        subscription_id,
        'plan' as item_id,
        started_on,
        2 as state_rank,
        activate_at as known_at,
        plan_id,
        unit_amount,
        quantity,
        false as is_removed
    from activated
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
    union all
    select
        subscription_id,
        plan_add_on_id as item_id,
        started_on,
        2 as state_rank,
        updated_at as known_at,
        cast(null as {{ text }}) as plan_id,
        unit_amount,
        quantity,
        false as is_removed
    from add_on_states
    where expired_at is null or started_on < cast(expired_at as date)
    union all
    select
        subscription_id,
        plan_add_on_id as item_id,
        cast(expired_at as date) as started_on,
        0 as state_rank,
        updated_at as known_at,
        cast(null as {{ text }}) as plan_id,
        unit_amount,
        quantity,
        true as is_removed
    from add_on_versions
    where version_rank = 1 and expired_at is not null
    union all
    select
        subscription_id,
        item_id,
        ended_on as started_on,
        0 as state_rank,
        cast(ended_on as timestamp) as known_at,
        cast(null as {{ text }}) as plan_id,
        cast(null as decimal(28, 8)) as unit_amount,
        cast(null as bigint) as quantity,
        true as is_removed
    from unlisted
    where ended_on is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by subscription_id, item_id, started_on
            order by state_rank desc, known_at desc nulls last, quantity desc, unit_amount desc
        ) as day_rank
    from every_state
),

-- an add-on has the plan that the subscription had by then, for its interval
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
                    when plan_states.started_on <= ranked.started_on then plan_states.plan_id
                end,
                plan_states.started_on
            ),
            min_by(plan_states.plan_id, plan_states.started_on)
        ) as plan_id
    from ranked
    left join ranked as plan_states
        on
            ranked.subscription_id = plan_states.subscription_id
            and plan_states.item_id = 'plan'
            and plan_states.day_rank = 1
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

-- what a bill took off holds until the next one
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
