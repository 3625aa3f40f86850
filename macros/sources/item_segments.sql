{#- Common tables from `states`, `items` (from when to when each runs) and `change_days` of
    subscriptions to `dated`: stretches of days in which nothing about an item's
    subscription changes, with the day of the state that holds. -#}
{% macro item_segments() -%}
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
