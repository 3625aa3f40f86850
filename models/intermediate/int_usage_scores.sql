-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- the usage component of its health, null where the account has no provisioned user.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

users as (
    select * from {{ ref('int_users') }}
),

feature_days as (
    select * from {{ ref('int_feature_days') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
    where is_active
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

customer_months as (
    select distinct
        date_month,
        ends_on
    from paying_months
),

-- the days of each month's window: a day can be in two
window_days as (
    select
        customer_months.date_month,
        spine.date_day
    from customer_months
    inner join {{ date_spine(
        '(select '
        ~ add_days('min(ends_on)', -var('health_window_days'))
        ~ ' from customer_months)',
        as_of_date()
    ) }} as spine
        on
            spine.date_day
            > {{ add_days('customer_months.ends_on', -var('health_window_days')) }}
            and spine.date_day <= customer_months.ends_on
),

-- impact points; without a source of feature events, a login day counts as one
points_by_day as (
    select
        account_id,
        date_day,
        sum(impact_score) as points
    from feature_days
    group by account_id, date_day
    union all
    select
        user_days.account_id,
        user_days.date_day,
        cast(count(*) as decimal(18, 4)) as points
    from user_days
    inner join available_sources on not available_sources.has_feature_events
    group by user_days.account_id, user_days.date_day
),

usage_points as (
    select
        points_by_day.account_id,
        window_days.date_month,
        sum(points_by_day.points) as points
    from points_by_day
    inner join window_days on points_by_day.date_day = window_days.date_day
    group by points_by_day.account_id, window_days.date_month
),

provisioned as (
    select
        paying_months.account_id,
        paying_months.date_month,
        count(*) as provisioned_users
    from paying_months
    inner join users
        on
            paying_months.account_id = users.account_id
            and {{ is_provisioned_on('users', 'paying_months.ends_on') }}
    group by paying_months.account_id, paying_months.date_month
),

-- the definition: points per provisioned user, as a percentage of the target, capped
final as (
    select
        paying_months.account_id,
        paying_months.date_month,
        case
            when provisioned.provisioned_users > 0
                then least(
                    {{ exact_ratio(
                        '100 * coalesce(usage_points.points, 0)',
                        'provisioned.provisioned_users * ' ~ var('usage_target_per_user'),
                        places=4
                    ) }},
                    cast({{ var('usage_score_cap') }} as decimal(18, 4))
                )
        end as usage_score
    from paying_months
    left join provisioned
        on
            paying_months.account_id = provisioned.account_id
            and paying_months.date_month = provisioned.date_month
    left join usage_points
        on
            paying_months.account_id = usage_points.account_id
            and paying_months.date_month = usage_points.date_month
)

select * from final
