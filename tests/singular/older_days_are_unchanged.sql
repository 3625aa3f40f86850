-- A row returned is an account and day that the incremental models have otherwise than
-- staging has it now: events came late by more than late_arrival_days, were corrected
-- or taken away, or accounts or users changed what is known. `dbt build --full-refresh`
-- takes it in. A warning: the figures are those of what was known in time.
{{ config(severity='warn') }}
with logins_now as (
    select
        'logins' as source_table,
        account_id,
        date_day,
        count(*) as rows_of_day,
        count(distinct user_id) as active_users,
        coalesce(sum(session_minutes), 0) as session_minutes
    from {{ ref('stg_logins') }}
    group by account_id, date_day
),

logins_made as (
    select
        'logins' as source_table,
        account_id,
        date_day,
        sum(logins) as rows_of_day,
        count(*) as active_users,
        coalesce(sum(session_minutes), 0) as session_minutes
    from {{ ref('int_all_login_days') }}
    group by account_id, date_day
),

events_now as (
    select
        'feature_events' as source_table,
        account_id,
        date_day,
        count(*) as rows_of_day,
        count(distinct user_id) as active_users,
        count(distinct feature_key) as features
    from {{ ref('stg_feature_events') }}
    group by account_id, date_day
),

events_made as (
    select
        'feature_events' as source_table,
        account_id,
        date_day,
        sum(events) as rows_of_day,
        count(distinct user_id) as active_users,
        count(distinct feature_key) as features
    from {{ ref('int_all_feature_days') }}
    group by account_id, date_day
),

changed_logins as (
    select
        coalesce(logins_now.source_table, logins_made.source_table) as source_table,
        coalesce(logins_now.account_id, logins_made.account_id) as account_id,
        coalesce(logins_now.date_day, logins_made.date_day) as date_day
    from logins_now
    full outer join logins_made
        on
            logins_now.account_id = logins_made.account_id
            and logins_now.date_day = logins_made.date_day
    where
        logins_now.rows_of_day is distinct from logins_made.rows_of_day
        or logins_now.active_users is distinct from logins_made.active_users
        or logins_now.session_minutes is distinct from logins_made.session_minutes
),

changed_events as (
    select
        coalesce(events_now.source_table, events_made.source_table) as source_table,
        coalesce(events_now.account_id, events_made.account_id) as account_id,
        coalesce(events_now.date_day, events_made.date_day) as date_day
    from events_now
    full outer join events_made
        on
            events_now.account_id = events_made.account_id
            and events_now.date_day = events_made.date_day
    where
        events_now.rows_of_day is distinct from events_made.rows_of_day
        or events_now.active_users is distinct from events_made.active_users
        or events_now.features is distinct from events_made.features
)

select * from changed_logins
union all
select * from changed_events
