-- Grain: one row per account, feature and month in which the account used it
-- (account_id, feature_key, date_month).
with feature_days as (
    select * from {{ ref('int_feature_days') }}
),

months as (
    select * from {{ ref('int_months') }}
),

used as (
    select
        account_id,
        feature_key,
        {{ month_of('date_day') }} as date_month,
        count(distinct user_id) as users,
        cast(sum(events) as bigint) as events,
        count(distinct date_day) as active_days
    from feature_days
    group by account_id, feature_key, {{ month_of('date_day') }}
),

final as (
    select
        used.account_id,
        used.feature_key,
        used.date_month,
        used.users,
        used.events,
        used.active_days,
        months.is_complete_month
    from used
    inner join months on used.date_month = months.date_month
)

select * from final
