-- Grain: one row per reason and event (reason, event).
{{ config(enabled=source_gives('posthog', 'feature_events')) }}
{% set count_all = source_setting('posthog', 'unmapped_events') == 'count' %}
with events as (
    select * from {{ ref('posthog_events') }}
),

features as (
    select * from {{ ref('event_features') }}
    where source = 'posthog'
),

reasons as (
    select
        events.event,
        events.occurred_at,
        case
            when events.user_id is null then 'anonymous'
            when events.account_id is null then 'no_account'
            when features.feature_key is not null then null
            {% if count_all -%}
            when events.event like '$%' then 'unmapped'
            {%- else -%}
            else 'unmapped'
            {%- endif %}
        end as reason
    from events
    left join features on events.event = features.event
),

{{ events_by_reason() }}

select * from final
