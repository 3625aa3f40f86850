-- Grain: one row per account and month (account_id, date_month), from the account's
-- first login to the month of as_of_date.
{% set wau_days = 7 %}
{% set mau_days = var('mau_window_days') %}
{% set longest_window_days = [wau_days, mau_days] | max %}
with accounts as (
    select * from {{ ref('int_accounts') }}
    where first_login_on is not null
),

months as (
    select * from {{ ref('int_months') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
    where is_active
),

account_months as (
    select
        accounts.account_id,
        months.date_month,
        months.is_complete_month
    from accounts
    inner join months on months.date_month >= {{ month_of('accounts.first_login_on') }}
),

-- only a user's last day in a month matters: a window that does not reach back to it
-- reaches none of the others
user_months as (
    select
        account_id,
        user_id,
        {{ month_of('date_day') }} as active_month,
        max(date_day) as last_active_on
    from user_days
    group by account_id, user_id, {{ month_of('date_day') }}
),

-- the last day of a later month replaces it
latest_user_months as (
    select
        account_id,
        user_id,
        active_month,
        last_active_on,
        lead(active_month) over (
            partition by account_id, user_id
            order by active_month
        ) as next_active_month
    from user_months
),

-- the months that a month's windows reach back to
reached_months as (
    select
        months.date_month,
        months.ends_on,
        earlier_months.date_month as active_month
    from months
    inner join months as earlier_months
        on
            months.date_month >= earlier_months.date_month
            and earlier_months.date_month
            >= {{ month_of(add_days('months.ends_on', 1 - longest_window_days)) }}
),

counted as (
    select
        latest_user_months.account_id,
        reached_months.date_month,
        count(*) filter (
            where latest_user_months.last_active_on = reached_months.ends_on
        ) as dau,
        count(*) filter (
            where
            latest_user_months.last_active_on
            > {{ add_days('reached_months.ends_on', -wau_days) }}
        ) as wau,
        count(*) filter (
            where
            latest_user_months.last_active_on
            > {{ add_days('reached_months.ends_on', -mau_days) }}
        ) as mau
    from latest_user_months
    inner join reached_months
        on
            latest_user_months.active_month = reached_months.active_month
            and coalesce(latest_user_months.next_active_month, {{ no_end_date() }})
            > reached_months.date_month
    group by latest_user_months.account_id, reached_months.date_month
),

final as (
    select
        account_months.account_id,
        account_months.date_month,
        coalesce(counted.dau, 0) as dau,
        coalesce(counted.wau, 0) as wau,
        coalesce(counted.mau, 0) as mau,
        account_months.is_complete_month
    from account_months
    left join counted
        on
            account_months.account_id = counted.account_id
            and account_months.date_month = counted.date_month
)

select * from final
