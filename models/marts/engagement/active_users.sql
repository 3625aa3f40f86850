-- Grain: one row per calendar day (date_day), from the first login to as_of_date.
{% set wau_days = 7 %}
{% set mau_days = var('mau_window_days') %}
with user_days as (
    select
        user_id,
        date_day
    from {{ ref('int_user_days') }}
    where is_active
),

-- a user of several accounts may have a day twice: a gap of zero
neighbours as (
    select
        date_day,
        lag(date_day) over (partition by user_id order by date_day) as previous_day,
        lead(date_day) over (partition by user_id order by date_day) as next_day
    from user_days
),

gaps as (
    select
        date_day,
        {{ days_between('previous_day', 'date_day') }} as days_since_previous,
        {{ days_between('date_day', 'next_day') }} as days_until_next
    from neighbours
),

-- a user enters a window's count on a day after a longer gap, and leaves it as many
-- days after the last day before a longer gap: exact, without a row per user and day of
-- the window
changes as (
    select
        date_day,
        case
            when days_since_previous is null or days_since_previous > 0 then 1
            else 0
        end as active_users,
        case
            when days_since_previous is null or days_since_previous > {{ wau_days }}
                then 1
            else 0
        end as wau_change,
        case
            when days_since_previous is null or days_since_previous > {{ mau_days }}
                then 1
            else 0
        end as mau_change
    from gaps
    union all
    select
        {{ add_days('date_day', wau_days) }} as date_day,
        0 as active_users,
        -1 as wau_change,
        0 as mau_change
    from gaps
    where days_until_next is null or days_until_next > {{ wau_days }}
    union all
    select
        {{ add_days('date_day', mau_days) }} as date_day,
        0 as active_users,
        0 as wau_change,
        -1 as mau_change
    from gaps
    where days_until_next is null or days_until_next > {{ mau_days }}
    union all
    select
        date_day,
        0 as active_users,
        0 as wau_change,
        0 as mau_change
    from
        {{ date_spine('(select min(date_day) from user_days)', as_of_date()) }} as spine
),

changes_by_day as (
    select
        date_day,
        sum(active_users) as active_users,
        sum(wau_change) as wau_change,
        sum(mau_change) as mau_change
    from changes
    group by date_day
),

counted as (
    select
        date_day,
        cast(active_users as bigint) as dau,
        case
            when count(*) over last_week = 7 then sum(active_users) over last_week
        end as user_days_of_week,
        cast(sum(wau_change) over up_to_day as bigint) as wau,
        cast(sum(mau_change) over up_to_day as bigint) as mau
    from changes_by_day
    window
        up_to_day as (
            order by date_day
            rows between unbounded preceding and current row
        ),
        last_week as (order by date_day rows between 6 preceding and current row)
),

final as (
    select
        date_day,
        dau,
        wau,
        mau,
        {{ ratio('dau', 'mau') }} as stickiness,
        {{ ratio('user_days_of_week', '7') }} as dau_7d_mean
    from counted
    where date_day <= {{ as_of_date() }}
)

select * from final
