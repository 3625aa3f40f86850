-- Grain: one row per user, merged ids as one (user_id).
{{ config(enabled=source_gives('segment', 'users')) }}
with users as (
    select * from {{ source_table('segment', 'users') }}
),

identifies as (
    select * from {{ source_table('segment', 'identifies') }}
),

merged_users as (
    select * from {{ ref('segment_merged_users') }}
),

user_groups as (
    select * from {{ ref('segment_user_groups') }}
),

first_identifies as (
    select
        coalesce(merged_users.user_id, identifies.user_id) as user_id,
        min(coalesce(identifies.timestamp, identifies.received_at)) as identified_at
    from identifies
    left join merged_users on identifies.user_id = merged_users.previous_id
    group by coalesce(merged_users.user_id, identifies.user_id)
),

-- the rows of merged ids: the id that stayed first, then the latest
ranked as (
    select
        users.email,
        users.role,
        users.created_at,
        users.deactivated_at,
        users.received_at,
        coalesce(users.context_group_id, users.group_id) as group_id,
        coalesce(merged_users.user_id, users.id) as user_id,
        row_number() over (
            partition by coalesce(merged_users.user_id, users.id)
            order by
                case when merged_users.user_id is null then 0 else 1 end asc,
                users.received_at desc nulls last,
                users.id asc
        ) as precedence
    from users
    left join merged_users on users.id = merged_users.previous_id
),

of_users as (
    select
        user_id,
        min_by(email, precedence) filter (where email is not null) as email,
        min_by(role, precedence) filter (where role is not null) as role,
        min_by(group_id, precedence) filter (where group_id is not null) as group_id,
        max(case when precedence = 1 then deactivated_at end) as deactivated_at,
        min(created_at) as created_at,
        max(received_at) as received_at
    from ranked
    group by user_id
),

latest_groups as (
    select
        user_id,
        group_id
    from user_groups
    where member_until = timestamp '9999-12-31 00:00:00'
),

final as (
    select
        of_users.user_id,
        coalesce(latest_groups.group_id, of_users.group_id) as account_id,
        of_users.email,
        of_users.role,
        coalesce(
            of_users.created_at,
            first_identifies.identified_at,
            of_users.received_at
        ) as created_at,
        of_users.deactivated_at,
        of_users.received_at as updated_at
    from of_users
    left join first_identifies on of_users.user_id = first_identifies.user_id
    left join latest_groups on of_users.user_id = latest_groups.user_id
)

select * from final
