-- Grain: one row per month (date_month), from the first login to the one of as_of_date.
with user_months as (
    select distinct
        user_id,
        {{ month_of('date_day') }} as date_month
    from {{ ref('int_user_days') }}
    where is_active
),

months as (
    select * from {{ ref('int_months') }}
    where date_month >= (select min(user_months.date_month) from user_months)
),

neighbours as (
    select
        user_id,
        date_month,
        {{ add_months('date_month', -1) }} as month_before,
        {{ add_months('date_month', 1) }} as month_after,
        lag(date_month) over (partition by user_id order by date_month)
            as previous_active_month,
        lead(date_month) over (partition by user_id order by date_month)
            as next_active_month
    from user_months
),

-- the definition of the lifecycle: an active user is in one of three states; a user no
-- longer active is dormant, only in the first such month
user_stages as (
    select
        date_month,
        case
            when previous_active_month is null then 'new'
            when previous_active_month = month_before then 'returning'
            else 'resurrected'
        end as lifecycle_stage
    from neighbours
    union all
    select
        month_after as date_month,
        'dormant' as lifecycle_stage
    from neighbours
    where next_active_month is distinct from month_after
),

counted as (
    select
        date_month,
        count(*) filter (where lifecycle_stage = 'new') as new_users,
        count(*) filter (where lifecycle_stage = 'returning') as returning_users,
        count(*) filter (where lifecycle_stage = 'resurrected') as resurrected_users,
        count(*) filter (where lifecycle_stage = 'dormant') as dormant_users,
        count(*) filter (where lifecycle_stage <> 'dormant') as active_users
    from user_stages
    group by date_month
),

final as (
    select
        months.date_month,
        coalesce(counted.new_users, 0) as new_users,
        coalesce(counted.returning_users, 0) as returning_users,
        coalesce(counted.resurrected_users, 0) as resurrected_users,
        coalesce(counted.dormant_users, 0) as dormant_users,
        coalesce(counted.active_users, 0) as active_users,
        months.is_complete_month
    from months
    left join counted on months.date_month = counted.date_month
)

select * from final
