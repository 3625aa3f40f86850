-- Grain: one row per month and feature that was used in it (date_month, feature_key).
with feature_days as (
    select * from {{ ref('int_feature_days') }}
),

active_users as (
    select distinct
        {{ month_of('date_day') }} as date_month,
        user_id
    from {{ ref('int_user_days') }}
    where is_active
),

feature_catalogue as (
    select * from {{ ref('feature_catalogue') }}
),

months as (
    select * from {{ ref('int_months') }}
),

active_user_counts as (
    select
        date_month,
        count(*) as active_users
    from active_users
    group by date_month
),

-- in steps: a count of distinct accounts holds all of them in memory
account_uses as (
    select
        {{ month_of('date_day') }} as date_month,
        feature_key,
        is_core,
        account_id,
        sum(events) as events
    from feature_days
    group by {{ month_of('date_day') }}, feature_key, is_core, account_id
),

uses as (
    select
        date_month,
        feature_key,
        is_core,
        count(*) as accounts,
        sum(events) as events
    from account_uses
    group by date_month, feature_key, is_core
),

feature_users as (
    select distinct
        {{ month_of('date_day') }} as date_month,
        feature_key,
        user_id
    from feature_days
),

-- users without a login in the month are users, but not active ones
user_counts as (
    select
        feature_users.date_month,
        feature_users.feature_key,
        count(*) as users,
        count(active_users.user_id) as active_feature_users
    from feature_users
    left join active_users
        on
            feature_users.date_month = active_users.date_month
            and feature_users.user_id = active_users.user_id
    group by feature_users.date_month, feature_users.feature_key
),

-- a key that is not in the catalogue has no name
final as (
    select
        uses.date_month,
        uses.feature_key,
        feature_catalogue.feature_name,
        uses.is_core,
        user_counts.users,
        uses.accounts,
        cast(uses.events as bigint) as events,
        user_counts.active_feature_users,
        {{ ratio('user_counts.users', 'active_user_counts.active_users') }}
            as share_of_active_users,
        months.is_complete_month
    from uses
    inner join user_counts
        on
            uses.date_month = user_counts.date_month
            and uses.feature_key = user_counts.feature_key
    inner join months on uses.date_month = months.date_month
    left join active_user_counts on uses.date_month = active_user_counts.date_month
    left join feature_catalogue on uses.feature_key = feature_catalogue.feature_key
)

select * from final
