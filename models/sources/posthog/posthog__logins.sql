-- Grain: one row per login: a session's first event, or an event of setting login_event
-- (login_id).
-- A table: several models read it, and it is far smaller than the events.
{{ config(enabled=source_gives('posthog', 'logins'), materialized='table') }}
{% set login_event = source_setting('posthog', 'login_event', []) %}
{% set ignored = source_setting('posthog', 'ignored_events', [
    '$feature_flag_called', '$create_alias', '$merge_dangerously', '$set',
]) %}
with events as (
    select
        event_id,
        user_id,
        account_id,
        occurred_at
    from {{ ref('posthog_events') }}
    where
        user_id is not null
        {%- if login_event %}
        and event in ({{ text_list(login_event) }})
        {%- elif ignored %}
        and event not in ({{ text_list(ignored) }})
        {%- endif %}
),

{% if login_event -%}
final as (
    select
        event_id as login_id,
        user_id,
        account_id,
        occurred_at as logged_in_at
    from events
)
{%- else -%}
{{ session_logins('events', source_setting('posthog', 'session_gap_minutes', 30)) }}
{%- endif %}

select * from final
