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

{{ item_segments() }}

select * from dated
