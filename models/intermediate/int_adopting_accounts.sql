-- Grain: one row per account and month in which it adopts (account_id, date_month).
with feature_days as (
    select
        *,
        {{ month_of('date_day') }} as date_month
    from {{ ref('int_feature_days') }}
),

-- in steps: a count of distinct days holds all of them in memory
core_days as (
    select distinct
        account_id,
        date_month,
        user_id,
        date_day
    from feature_days
    where is_core
),

-- an account adopts if one of its users does, on days within the account
adopting_users as (
    select
        account_id,
        date_month,
        user_id
    from core_days
    group by account_id, date_month, user_id
    having count(*) >= {{ var('adoption_min_days') }}
),

final as (
    select distinct
        account_id,
        date_month
    from adopting_users
)

select * from final
