-- Grain: one row per provisioned user (user_id).
with users as (
    select * from {{ ref('int_users') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
    where is_active
),

activity as (
    select
        user_id,
        min(date_day) as first_active_on,
        max(date_day) as last_active_on
    from user_days
    group by user_id
),

-- without a salt there is no hash: an address alone is too easily guessed
final as (
    select
        users.user_id,
        users.is_inferred,
        users.account_id,
        users.role,
        users.created_at,
        activity.first_active_on,
        activity.last_active_on,
        {{ sha256_hex(email_hash_salt() ~ ' || lower(users.email)') }} as email_hash,
        case
            when activity.last_active_on is null then 'never_active'
            when
                activity.last_active_on
                > {{ add_days(as_of_date(), -var('mau_window_days')) }}
                then 'active'
            else 'dormant'
        end as activity_status
    from users
    left join activity on users.user_id = activity.user_id
)

select * from final
