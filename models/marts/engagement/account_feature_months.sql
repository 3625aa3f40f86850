-- Grain: one row per account, feature and month in which the account used it
-- (account_id, feature_key, date_month).
with feature_days as (
    select * from {{ ref('int_feature_days') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- grouped in steps: a count of distinct users or days holds all of them in memory
user_months as (
    select
        account_id,
        feature_key,
        {{ month_of('date_day') }} as date_month,
        user_id,
        sum(events) as events
    from feature_days
    group by account_id, feature_key, {{ month_of('date_day') }}, user_id
),

used as (
    select
        account_id,
        feature_key,
        date_month,
        count(*) as users,
        cast(sum(events) as bigint) as events
    from user_months
    group by account_id, feature_key, date_month
),

days as (
    select distinct
        account_id,
        feature_key,
        date_day
    from feature_days
),

days_by_month as (
    select
        account_id,
        feature_key,
        {{ month_of('date_day') }} as date_month,
        count(*) as active_days
    from days
    group by account_id, feature_key, {{ month_of('date_day') }}
),

final as (
    select
        used.account_id,
        used.feature_key,
        used.date_month,
        used.users,
        used.events,
        days_by_month.active_days,
        months.is_complete_month
    from used
    inner join days_by_month
        on
            used.account_id = days_by_month.account_id
            and used.feature_key = days_by_month.feature_key
            and used.date_month = days_by_month.date_month
    inner join months on used.date_month = months.date_month
)

select * from final
