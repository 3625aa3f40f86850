{#-
    Logins from a user's events in an account: the first event after a pause longer than
    `gap_minutes` is a login, and the session lasts to the last event before the next
    pause. One window over the events; a second one sees only the first and last event
    of each session. The login's id is that of its event, so that it stays the same from
    build to build.

        events  a relation with event_id, user_id, account_id and occurred_at
-#}
{% macro session_logins(events, gap_minutes) -%}
gaps as (
    select
        event_id,
        user_id,
        account_id,
        occurred_at,
        {{ seconds_between('lag(occurred_at) over user_events', 'occurred_at') }}
            as seconds_before,
        {{ seconds_between('occurred_at', 'lead(occurred_at) over user_events') }}
            as seconds_after
    from {{ events }}
    window user_events as (
        partition by user_id, account_id order by occurred_at asc nulls last, event_id asc
    )
),

ends as (
    select
        event_id,
        user_id,
        account_id,
        occurred_at,
        coalesce(seconds_before > {{ gap_minutes * 60 }}, true) as is_first,
        coalesce(seconds_after > {{ gap_minutes * 60 }}, true) as is_last
    from gaps
    where
        coalesce(seconds_before > {{ gap_minutes * 60 }}, true)
        or coalesce(seconds_after > {{ gap_minutes * 60 }}, true)
),

sessions as (
    select
        event_id,
        user_id,
        account_id,
        occurred_at,
        is_first,
        case
            when is_last then occurred_at
            else lead(occurred_at) over (
                partition by user_id, account_id
                order by
                    occurred_at asc nulls last,
                    event_id asc,
                    case when is_first then 0 else 1 end asc
            )
        end as ended_at
    from ends
),

final as (
    select
        event_id as login_id,
        user_id,
        account_id,
        occurred_at as logged_in_at,
        {{ exact_ratio(seconds_between('occurred_at', 'ended_at'), 60, 4) }}
            as session_minutes
    from sessions
    where is_first
)
{%- endmacro %}
