-- Grain: one row per event (event_id), those of unknown users too.
{{ config(
    enabled=source_gives('posthog', ['logins', 'feature_events', 'surveys', 'users'])
) }}
{% set group_key = '$groups.' ~ source_setting('posthog', 'group_type', 'company') %}
{% set account_property = source_setting('posthog', 'account_property') %}
with events as (
    select * from {{ source_table('posthog', 'events') }}
    where event <> '$groupidentify'
),

distinct_ids as (
    select * from {{ ref('posthog_distinct_ids') }}
),

user_accounts as (
    select * from {{ ref('posthog_user_accounts') }}
),

final as (
    select
        events.uuid as event_id,
        distinct_ids.user_id,
        coalesce(
            nullif({{ json_text('events.properties', group_key) }}, ''),
            {%- if account_property %}
            nullif({{ json_text('events.person_properties', account_property) }}, ''),
            {%- endif %}
            user_accounts.account_id
        ) as account_id,
        events.event,
        events.timestamp as occurred_at,
        events.properties
    from events
    left join distinct_ids on events.distinct_id = distinct_ids.distinct_id
    left join user_accounts on distinct_ids.user_id = user_accounts.user_id
)

select * from final
