-- Grain: one row per subscription item and stretch of days in which nothing about its
-- subscription changes (subscription_id, item_id, started_on).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with states as (
    select * from {{ ref('stripe_item_states') }}
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

item_ends as (
    select * from {{ ref('stripe_item_ends') }}
),

discounts as (
    select * from {{ ref('stripe_discounts') }}
),

pauses as (
    select * from {{ ref('stripe_pauses') }}
),

-- from when to when an item runs: a trial before its first bill belongs to it
items as (
    select
        states.subscription_id,
        states.item_id,
        min(
            case
                when
                    subscriptions.trial_started_on < states.started_on
                    and subscriptions.trial_ended_on >= states.started_on
                    then subscriptions.trial_started_on
                else states.started_on
            end
        ) as started_on,
        min(least(
            coalesce(subscriptions.ended_on, {{ no_end_date() }}),
            coalesce(item_ends.ended_on, {{ no_end_date() }})
        )) as ended_on
    from states
    inner join subscriptions on states.subscription_id = subscriptions.subscription_id
    left join item_ends
        on
            states.subscription_id = item_ends.subscription_id
            and states.item_id = item_ends.item_id
    group by states.subscription_id, states.item_id
),

-- every day on which something about the subscription changes
change_days as (
    select
        subscription_id,
        started_on as date_day
    from states
    union
    select
        subscription_id,
        started_on as date_day
    from items
    union
    -- an item that is taken off changes the shares of the others
    select
        subscription_id,
        ended_on as date_day
    from items
    union
    select
        subscription_id,
        trial_started_on as date_day
    from subscriptions
    union
    select
        subscription_id,
        trial_ended_on as date_day
    from subscriptions
    union
    select
        subscription_id,
        started_on as date_day
    from discounts
    union
    select
        subscription_id,
        ended_on as date_day
    from discounts
    union
    select
        subscription_id,
        started_on as date_day
    from pauses
    union
    select
        subscription_id,
        ended_on as date_day
    from pauses
),

segments as (
    select
        items.subscription_id,
        items.item_id,
        change_days.date_day as started_on,
        lead(change_days.date_day, 1, items.ended_on) over (
            partition by items.subscription_id, items.item_id
            order by change_days.date_day
        ) as ended_on
    from items
    inner join change_days
        on
            items.subscription_id = change_days.subscription_id
            and items.started_on <= change_days.date_day
            and items.ended_on > change_days.date_day
),

-- the state of each segment: the latest one, or the first for a trial before it
final as (
    select
        segments.subscription_id,
        segments.item_id,
        segments.started_on,
        segments.ended_on,
        coalesce(
            max(
                case when states.started_on <= segments.started_on then states.started_on end
            ),
            min(states.started_on)
        ) as state_on
    from segments
    inner join states
        on
            segments.subscription_id = states.subscription_id
            and segments.item_id = states.item_id
    group by
        segments.subscription_id, segments.item_id, segments.started_on, segments.ended_on
)

select * from final
