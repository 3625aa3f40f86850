-- Grain: one row per subscription item and day from which it has terms that no bill of a
-- whole period shows, or is taken off (subscription_id, item_id, started_on, state_rank).
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
{% set text = dbt.type_string() %}
with current_items as (
    select * from {{ ref('chargebee_current_items') }}
),

subscriptions as (
    select * from {{ ref('chargebee_subscription_dates') }}
),

lines as (
    select * from {{ ref('chargebee_lines') }}
),

whole as (
    select * from lines where is_whole
),

last_bills as (
    select
        subscription_id,
        item_id,
        max(started_on) as started_on,
        max_by(price_id, started_on) as price_id,
        max_by(quantity, started_on) as quantity,
        max_by(amount, started_on) as amount,
        max_by(period, started_on) as period,
        max_by(period_unit, started_on) as period_unit
    from whole
    group by subscription_id, item_id
),

today as (
    select
        current_items.subscription_id,
        current_items.item_id,
        case
            when last_bills.item_id is not null
                then greatest(last_bills.started_on, subscriptions.changed_on)
            when exists (
                select 1
                from lines
                where lines.subscription_id = current_items.subscription_id
            )
                then greatest(subscriptions.started_on, subscriptions.changed_on)
            else subscriptions.started_on
        end as started_on,
        current_items.price_id,
        current_items.quantity,
        current_items.amount,
        current_items.period,
        current_items.period_unit
    from current_items
    inner join subscriptions
        on current_items.subscription_id = subscriptions.subscription_id
    left join last_bills
        on
            current_items.subscription_id = last_bills.subscription_id
            and current_items.item_id = last_bills.item_id
    where
        last_bills.item_id is null
        or current_items.price_id <> last_bills.price_id
        or coalesce(current_items.quantity, 1) <> coalesce(last_bills.quantity, 1)
        or (
            current_items.period = last_bills.period
            and current_items.period_unit = last_bills.period_unit
            and current_items.amount <> last_bills.amount
        )
),

partial_lines as (
    select
        subscription_id,
        item_id,
        started_on,
        price_id,
        quantity
    from lines
    where not is_whole
),

next_bills as (
    select
        partial_lines.subscription_id,
        partial_lines.item_id,
        partial_lines.started_on,
        min_by(whole.amount, whole.started_on) as amount,
        min_by(whole.period, whole.started_on) as period,
        min_by(whole.period_unit, whole.started_on) as period_unit
    from partial_lines
    inner join whole
        on
            partial_lines.subscription_id = whole.subscription_id
            and partial_lines.item_id = whole.item_id
            and partial_lines.price_id = whole.price_id
            and coalesce(partial_lines.quantity, 1) = coalesce(whole.quantity, 1)
            and partial_lines.started_on <= whole.started_on
    group by
        partial_lines.subscription_id, partial_lines.item_id, partial_lines.started_on
),

changed as (
    select
        partial_lines.subscription_id,
        partial_lines.item_id,
        partial_lines.started_on,
        partial_lines.price_id,
        partial_lines.quantity,
        coalesce(next_bills.amount, current_items.amount) as amount,
        coalesce(next_bills.period, current_items.period) as period,
        coalesce(next_bills.period_unit, current_items.period_unit) as period_unit
    from partial_lines
    left join next_bills
        on
            partial_lines.subscription_id = next_bills.subscription_id
            and partial_lines.item_id = next_bills.item_id
            and partial_lines.started_on = next_bills.started_on
    left join current_items
        on
            partial_lines.subscription_id = current_items.subscription_id
            and partial_lines.item_id = current_items.item_id
            and partial_lines.price_id = current_items.price_id
            and coalesce(partial_lines.quantity, 1) = coalesce(current_items.quantity, 1)
    where next_bills.item_id is not null or current_items.item_id is not null
),

removed as (
    select
        lines.subscription_id,
        lines.item_id,
        least(max(lines.ended_on), greatest(max(lines.started_on), max(subscriptions.changed_on)))
            as ended_on
    from lines
    inner join subscriptions on lines.subscription_id = subscriptions.subscription_id
    left join current_items
        on
            lines.subscription_id = current_items.subscription_id
            and lines.item_id = current_items.item_id
    where lines.item_id <> 'plan' and current_items.item_id is null
    group by lines.subscription_id, lines.item_id
),

-- where several hold on a day, the one with the highest rank counts
final as (
    select
        subscription_id,
        item_id,
        started_on,
        3 as state_rank,
        price_id,
        quantity,
        amount,
        period,
        period_unit,
        false as is_removed
    from today
    union all
    select
        subscription_id,
        item_id,
        started_on,
        1 as state_rank,
        price_id,
        quantity,
        amount,
        period,
        period_unit,
        false as is_removed
    from changed
    union all
    select
        subscription_id,
        item_id,
        ended_on as started_on,
        0 as state_rank,
        cast(null as {{ text }}) as price_id,
        cast(null as bigint) as quantity,
        cast(null as decimal(18, 4)) as amount,
        cast(null as bigint) as period,
        cast(null as {{ text }}) as period_unit,
        true as is_removed
    from removed
)

select * from final
