-- Grain: one row per account and month (account_id, date_month) with a login in the two
-- windows to the month's end, of the open month to as_of_date: the user-days of each.
{% set window_days = var('alert_thresholds').usage_drop_window_days %}
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
    where is_active
),

customer_months as (
    select distinct
        date_month,
        ends_on
    from paying_months
),

-- both windows of each month: a day can be in the windows of two months
window_days as (
    select
        customer_months.date_month,
        spine.date_day,
        spine.date_day > {{ add_days('customer_months.ends_on', -window_days) }}
            as is_recent
    from customer_months
    inner join {{ date_spine(
        '(select ' ~ add_days('min(ends_on)', -2 * window_days) ~ ' from customer_months)',
        as_of_date()
    ) }} as spine
        on
            spine.date_day > {{ add_days('customer_months.ends_on', -2 * window_days) }}
            and spine.date_day <= customer_months.ends_on
),

user_days_by_day as (
    select
        account_id,
        date_day,
        count(*) as user_days
    from user_days
    group by account_id, date_day
),

final as (
    select
        user_days_by_day.account_id,
        window_days.date_month,
        cast(sum(
            case when window_days.is_recent then user_days_by_day.user_days else 0 end
        ) as bigint) as recent_user_days,
        cast(sum(
            case when window_days.is_recent then 0 else user_days_by_day.user_days end
        ) as bigint) as earlier_user_days
    from user_days_by_day
    inner join window_days on user_days_by_day.date_day = window_days.date_day
    group by user_days_by_day.account_id, window_days.date_month
)

select * from final
