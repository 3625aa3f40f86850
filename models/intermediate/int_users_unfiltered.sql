-- Grain: one row per user that is provisioned or was active (user_id), internal ones
-- too.
with users as (
    select * from {{ ref('stg_users') }}
    where created_on <= {{ as_of_date() }}
),

known_users as (
    select user_id from {{ ref('stg_users') }}
),

set_aside as (
    select * from {{ ref('stg_users_set_aside') }}
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
        max(date_day) as last_seen_on,
        min_by(account_id, (first_login_at, account_id)) as account_id
    from login_days
    group by user_id
),

first_events as (
    select
        user_id,
        min(first_event_at) as first_seen_at,
        max(date_day) as last_seen_on,
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
        least(first_logins.first_seen_at, first_events.first_seen_at) as first_seen_at,
        greatest(first_logins.last_seen_on, first_events.last_seen_on) as last_seen_on
    from first_logins
    full outer join first_events on first_logins.user_id = first_events.user_id
),

-- a user whose rows are all filtered out is internal (rule 74), active or not
named as (
    select
        coalesce(seen.user_id, set_aside.user_id) as user_id,
        seen.account_id,
        seen.first_seen_at,
        seen.last_seen_on,
        coalesce(set_aside.is_filtered, false) as is_filtered,
        set_aside.role
    from seen
    full outer join set_aside on seen.user_id = set_aside.user_id
),

-- without the table, users are derived from their activity; with it, a user without an
-- accepted row is inferred from it, and provisioned to the end of its last active month
-- (rule 74)
known as (
    select
        coalesce(users.user_id, named.user_id) as user_id,
        coalesce(users.account_id, named.account_id) as account_id,
        users.email,
        -- the contract's name
        coalesce(users.role, named.role) as role,  -- noqa: RF04
        coalesce(named.is_filtered, false) as is_filtered,
        users.user_id is null
        and known_users.user_id is null
        and available_sources.has_users as is_inferred,
        coalesce(
            users.created_at,
            case when known_users.user_id is null then named.first_seen_at end
        ) as created_at,
        case
            when users.user_id is not null then users.deactivated_on
            when known_users.user_id is null and available_sources.has_users
                then {{ add_months(month_of('named.last_seen_on'), 1) }}
        end as deactivated_on
    from users
    full outer join named on users.user_id = named.user_id
    left join known_users on named.user_id = known_users.user_id
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
        known.is_inferred,
        internal_accounts.account_id is not null or known.is_filtered as is_internal
    from known
    left join internal_accounts on known.account_id = internal_accounts.account_id
)

select * from flagged
