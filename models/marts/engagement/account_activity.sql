-- Grain: one row per account and month (account_id, date_month), from the account's
-- first day, or an earlier login, to the month of as_of_date.
with accounts as (
    select * from {{ ref('int_accounts') }}
),

months as (
    select * from {{ ref('int_months') }}
),

users as (
    select * from {{ ref('int_users') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
),

feature_days as (
    select * from {{ ref('int_feature_days') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

account_months as (
    select
        accounts.account_id,
        months.date_month,
        months.ends_on,
        months.is_complete_month
    from accounts
    inner join months
        on
            months.date_month
            >= {{ month_of('least(accounts.first_day_on, accounts.first_login_on)') }}
),

-- grouped in steps: a count of distinct users or days holds all of them in memory
user_months as (
    select
        account_id,
        user_id,
        {{ month_of('date_day') }} as date_month,
        min(date_day) as first_login_on,
        sum(logins) as logins,
        sum(timed_logins) as timed_logins,
        sum(session_minutes) as session_minutes
    from user_days
    where is_active
    group by account_id, user_id, {{ month_of('date_day') }}
),

logins_by_month as (
    select
        account_id,
        date_month,
        count(*) as active_users,
        sum(logins) as logins,
        {{ ratio('sum(session_minutes)', 'sum(timed_logins)') }}
            as session_minutes_mean
    from user_months
    group by account_id, date_month
),

login_days as (
    select distinct
        account_id,
        date_day
    from user_days
    where is_active
),

days_by_month as (
    select
        account_id,
        {{ month_of('date_day') }} as date_month,
        count(*) as active_days
    from login_days
    group by account_id, {{ month_of('date_day') }}
),

first_logins as (
    select
        account_id,
        user_id,
        min(first_login_on) as first_login_on
    from user_months
    group by account_id, user_id
),

-- users provisioned at the month's end, and whether they logged in by then, and in the
-- month
provisioned as (
    select
        account_months.account_id,
        account_months.date_month,
        count(*) as provisioned_users,
        count(*) filter (where first_logins.first_login_on <= account_months.ends_on)
            as activated_users,
        count(*) filter (where user_months.user_id is not null)
            as active_provisioned_users
    from account_months
    inner join users
        on
            account_months.account_id = users.account_id
            and {{ is_provisioned_on('users', 'account_months.ends_on') }}
    left join first_logins
        on
            users.account_id = first_logins.account_id
            and users.user_id = first_logins.user_id
    left join user_months
        on
            users.account_id = user_months.account_id
            and users.user_id = user_months.user_id
            and account_months.date_month = user_months.date_month
    group by account_months.account_id, account_months.date_month
),

feature_months as (
    select
        account_id,
        feature_key,
        {{ month_of('date_day') }} as date_month,
        sum(case when is_core then events else 0 end) as core_events
    from feature_days
    group by account_id, feature_key, {{ month_of('date_day') }}
),

features_by_month as (
    select
        account_id,
        date_month,
        count(*) as features_used,
        sum(core_events) as core_events
    from feature_months
    group by account_id, date_month
),

final as (
    select
        account_months.account_id,
        account_months.date_month,
        coalesce(provisioned.provisioned_users, 0) as provisioned_users,
        coalesce(logins_by_month.active_users, 0) as active_users,
        cast(coalesce(provisioned.active_provisioned_users, 0) as bigint)
            as active_provisioned_users,
        {{ ratio(
            'provisioned.active_provisioned_users', 'provisioned.provisioned_users'
        ) }} as login_ratio,
        {{ ratio('provisioned.activated_users', 'provisioned.provisioned_users') }}
            as activation_rate,
        cast(coalesce(logins_by_month.logins, 0) as bigint) as logins,
        logins_by_month.session_minutes_mean,
        coalesce(days_by_month.active_days, 0) as active_days,
        case
            when
                available_sources.has_feature_events
                then coalesce(features_by_month.features_used, 0)
        end
            as features_used,
        cast(
            case
                when
                    available_sources.has_feature_events
                    then coalesce(features_by_month.core_events, 0)
            end
            as bigint
        ) as core_events,
        account_months.is_complete_month
    from account_months
    left join provisioned
        on
            account_months.account_id = provisioned.account_id
            and account_months.date_month = provisioned.date_month
    left join logins_by_month
        on
            account_months.account_id = logins_by_month.account_id
            and account_months.date_month = logins_by_month.date_month
    left join days_by_month
        on
            account_months.account_id = days_by_month.account_id
            and account_months.date_month = days_by_month.date_month
    left join features_by_month
        on
            account_months.account_id = features_by_month.account_id
            and account_months.date_month = features_by_month.date_month
    cross join available_sources
)

select * from final
