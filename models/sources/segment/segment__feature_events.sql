-- Grain: one row per track call of a known user that is a feature event (event_id).
{{ config(enabled=source_gives('segment', 'feature_events')) }}
{% set login_event = source_setting('segment', 'login_event', []) %}
{% set counts_all = source_setting('segment', 'unmapped_events') == 'count' %}
with events as (
    select * from {{ ref('segment_events') }}
    where user_id is not null
),

features as (
    select * from {{ ref('event_features') }}
    where source = 'segment'
),

-- an event is named as it was sent, or as its table
mapped as (
    select
        events.event_id,
        events.user_id,
        events.account_id,
        coalesce(
            by_text.feature_key,
            by_name.feature_key
            {%- if counts_all %},
            case when events.event not in ({{ text_list(login_event or ['']) }}) then events.event end
            {%- endif %}
        ) as feature_key,
        events.occurred_at
    from events
    left join features as by_text on events.event_text = by_text.event
    left join features as by_name on events.event = by_name.event
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
