-- Grain: one row per user who was ever active in a group (user_id).
{{ config(
    enabled=source_gives('posthog', ['logins', 'feature_events', 'surveys', 'users']),
    materialized='table'
) }}
{% set group_key = '$groups.' ~ source_setting('posthog', 'group_type', 'company') %}
with events as (
    select * from {{ source_table('posthog', 'events') }}
    where event <> '$groupidentify'
),

distinct_ids as (
    select * from {{ ref('posthog_distinct_ids') }}
),

in_groups as (
    select
        distinct_ids.user_id,
        events.timestamp,
        events.uuid,
        nullif({{ json_text('events.properties', group_key) }}, '') as account_id
    from events
    inner join distinct_ids on events.distinct_id = distinct_ids.distinct_id
    where distinct_ids.user_id is not null
),

final as (
    select
        user_id,
        max_by(account_id, (timestamp, uuid)) as account_id
    from in_groups
    where account_id is not null
    group by user_id
)

select * from final
