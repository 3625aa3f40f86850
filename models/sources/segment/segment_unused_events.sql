-- Grain: one row per reason and event (reason, event).
{{ config(enabled=source_gives('segment', 'feature_events')) }}
{% set counts_all = source_setting('segment', 'unmapped_events') == 'count' %}
with events as (
    select * from {{ ref('segment_events') }}
),

features as (
    select * from {{ ref('event_features') }}
    where source = 'segment'
),

reasons as (
    select
        events.event,
        events.occurred_at,
        case
            when events.user_id is null then 'anonymous'
            when events.account_id is null then 'no_account'
            {%- if not counts_all %}
            when coalesce(by_text.feature_key, by_name.feature_key) is null
                then 'unmapped'
            {%- endif %}
        end as reason
    from events
    left join features as by_text on events.event_text = by_text.event
    left join features as by_name on events.event = by_name.event
),

{{ events_by_reason() }}

select * from final
