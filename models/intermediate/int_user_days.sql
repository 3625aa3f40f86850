-- Grain: one row per account, user and day with a login or an event, in scope
-- (account_id, user_id, date_day).
with login_days as (
    select * from {{ ref('stg_login_days') }}
    where date_day <= {{ as_of_date() }}
),

feature_days as (
    select * from {{ ref('int_feature_days') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

internal_users as (
    select * from {{ ref('int_users_unfiltered') }}
    where is_internal
),

login_days_in_scope as (
    select login_days.*
    from login_days
    anti join internal_accounts
        on login_days.account_id = internal_accounts.account_id
    anti join internal_users on login_days.user_id = internal_users.user_id
),

events_by_day as (
    select
        account_id,
        user_id,
        date_day,
        sum(events) as events,
        sum(case when is_core then events else 0 end) as core_events
    from feature_days
    group by account_id, user_id, date_day
),

combined as (
    select
        coalesce(login_days_in_scope.account_id, events_by_day.account_id)
            as account_id,
        coalesce(login_days_in_scope.user_id, events_by_day.user_id) as user_id,
        coalesce(login_days_in_scope.date_day, events_by_day.date_day) as date_day,
        coalesce(login_days_in_scope.logins, 0) as logins,
        coalesce(login_days_in_scope.timed_logins, 0) as timed_logins,
        login_days_in_scope.session_minutes,
        coalesce(events_by_day.core_events, 0) as core_events,
        coalesce(events_by_day.events, 0) as events,
        login_days_in_scope.user_id is not null as is_active
    from login_days_in_scope
    full outer join events_by_day
        on
            login_days_in_scope.account_id = events_by_day.account_id
            and login_days_in_scope.user_id = events_by_day.user_id
            and login_days_in_scope.date_day = events_by_day.date_day
),

-- a missing source means unknown, not zero
with_unknowns as (
    select
        combined.account_id,
        combined.user_id,
        combined.date_day,
        combined.logins,
        combined.timed_logins,
        combined.session_minutes,
        case when available_sources.has_feature_events then combined.core_events end
            as core_events,
        case when available_sources.has_feature_events then combined.events end
            as events,
        combined.is_active
    from combined
    cross join available_sources
)

-- not sorted: the join keeps the days of base_logins nearly in order, and join and sort
-- together need more than 1 GB of memory at 10 million logins
select * from with_unknowns
