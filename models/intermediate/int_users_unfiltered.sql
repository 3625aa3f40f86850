-- Grain: one row per user that is provisioned or was active (user_id), internal ones
-- too.
with users as (
    select * from {{ ref('stg_users') }}
    where created_on <= {{ as_of_date() }}
),

login_days as (
    select * from {{ ref('stg_login_days') }}
    where date_day <= {{ as_of_date() }}
),

feature_days as (
    select * from {{ ref('stg_feature_days') }}
    where date_day <= {{ as_of_date() }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

first_logins as (
    select
        user_id,
        min(first_login_at) as first_seen_at,
        min_by(account_id, (first_login_at, account_id)) as account_id
    from login_days
    group by user_id
),

first_events as (
    select
        user_id,
        min(first_event_at) as first_seen_at,
        min_by(account_id, (first_event_at, account_id)) as account_id
    from feature_days
    group by user_id
),

-- a user's own account is that of `users`, else of its first login, else of its first
-- event
seen as (
    select
        coalesce(first_logins.user_id, first_events.user_id) as user_id,
        coalesce(first_logins.account_id, first_events.account_id) as account_id,
        least(first_logins.first_seen_at, first_events.first_seen_at) as first_seen_at
    from first_logins
    full outer join first_events on first_logins.user_id = first_events.user_id
),

-- without the table, users are derived from their activity; with it, only its rows are
-- provisioned users, whoever else was active
known as (
    select
        coalesce(users.user_id, seen.user_id) as user_id,
        coalesce(users.account_id, seen.account_id) as account_id,
        users.email,
        users.role,
        users.deactivated_on,
        coalesce(
            users.created_at,
            case when not available_sources.has_users then seen.first_seen_at end
        ) as created_at
    from users
    full outer join seen on users.user_id = seen.user_id
    cross join available_sources
),

flagged as (
    select
        known.user_id,
        known.account_id,
        known.email,
        known.role,
        known.created_at,
        {{ local_date('known.created_at') }} as created_on,
        case
            when known.deactivated_on <= {{ as_of_date() }} then known.deactivated_on
        end
            as deactivated_on,
        known.created_at is not null as is_provisioned,
        internal_accounts.account_id is not null as is_internal
    from known
    left join internal_accounts on known.account_id = internal_accounts.account_id
)

select * from flagged
