-- Grain: one row per event of a known user that is the use of a feature (event_id).
{{ config(enabled=source_gives('posthog', 'feature_events')) }}
{% set count_all = source_setting('posthog', 'unmapped_events') == 'count' %}
with events as (
    select * from {{ ref('posthog_events') }}
    where user_id is not null
),

features as (
    select * from {{ ref('event_features') }}
    where source = 'posthog'
),

mapped as (
    select
        events.event_id,
        events.user_id,
        events.account_id,
        {% if count_all -%}
        coalesce(
            features.feature_key,
            case when events.event not like '$%' then events.event end
        ) as feature_key,
        {%- else -%}
        features.feature_key,
        {%- endif %}
        events.occurred_at
    from events
    left join features on events.event = features.event
),

final as (
    select
        event_id,
        user_id,
        account_id,
        feature_key,
        occurred_at
    from mapped
    where feature_key is not null
)

select * from final
