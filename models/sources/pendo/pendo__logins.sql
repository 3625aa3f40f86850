-- Grain: one row per visitor, account and day with an event; with setting
-- session_gap_minutes, one row per session (login_id).
-- A table: several models read it, and it is far smaller than the events.
{{ config(enabled=source_gives('pendo', 'logins'), materialized='table') }}
{% set session_gap = source_setting('pendo', 'session_gap_minutes') %}
with events as (
    select
        visitor_id as user_id,
        nullif(account_id, '') as account_id,
        timestamp as occurred_at,
        num_minutes,
        {{ local_date('timestamp') }} as occurred_on
    from {{ source_table('pendo', 'event') }}
    where {{ is_pendo_user('visitor_id') }}
),

{% if session_gap -%}
-- an event has no id: those of one visitor, account and moment are one
moments as (
    select distinct
        user_id || ':' || coalesce(account_id, '') || ':'
        || cast(occurred_at as {{ dbt.type_string() }}) as event_id,
        user_id,
        account_id,
        occurred_at
    from events
),

{{ session_logins('moments', session_gap) }}
{%- else -%}
final as (
    select
        user_id || ':' || coalesce(account_id, '')
        || coalesce(':' || cast(occurred_on as {{ dbt.type_string() }}), '')
            as login_id,
        user_id,
        account_id,
        min(occurred_at) as logged_in_at,
        cast(sum(num_minutes) as bigint) as session_minutes
    from events
    group by user_id, account_id, occurred_on
)
{%- endif %}

select * from final
