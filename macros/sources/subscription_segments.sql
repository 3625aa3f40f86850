{#-
    Stretches of days in which nothing about an item of a subscription changes, with the day
    of the state that holds: the common tables of macro subscription_periods.
-#}
{% macro subscription_segments(source) -%}
states as (
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

{{ item_segments() }}
{%- endmacro %}
