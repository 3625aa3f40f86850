{#-
    Stretches of days in which nothing about an item of a subscription changes, with the day
    of the state that holds: the common tables of macro subscription_periods.
-#}
{% macro subscription_segments(source) -%}
    select * from {{ ref(source ~ '_item_states') }}
),

subscriptions as (
    select * from {{ ref(source ~ '_subscription_dates') }}
),

pauses as (
    select * from {{ ref(source ~ '_pauses') }}
),

-- from when to when an item can run: a trial before its first bill belongs to it
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
        min(coalesce(subscriptions.ended_on, {{ no_end_date() }})) as ended_on
    from states
    inner join subscriptions on states.subscription_id = subscriptions.subscription_id
    where not states.is_removed
    group by states.subscription_id, states.item_id
),

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
    select
        subscription_id,
        trial_ended_on as date_day
    from subscriptions
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
dated as (
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
{%- endmacro %}
