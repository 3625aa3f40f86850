-- Grain: one row per user and time during which the user's calls name one group
-- (user_id, member_from).
{{ config(
    enabled=source_gives('segment', ['logins', 'feature_events', 'users']),
    materialized='table'
) }}
with groups as (
    select * from {{ source_table('segment', 'groups') }}
),

identifies as (
    select * from {{ source_table('segment', 'identifies') }}
),

anonymous_users as (
    select * from {{ ref('segment_anonymous_users') }}
),

merged_users as (
    select * from {{ ref('segment_merged_users') }}
),

calls as (
    select
        user_id,
        case when user_id is null then anonymous_id end as unknown_id,
        group_id,
        coalesce(timestamp, received_at) as called_at
    from groups
    union all
    select
        user_id,
        cast(null as {{ dbt.type_string() }}) as unknown_id,
        coalesce(context_group_id, group_id) as group_id,
        coalesce(timestamp, received_at) as called_at
    from identifies
),

of_users as (
    select
        calls.group_id,
        calls.called_at,
        coalesce(merged_users.user_id, calls.user_id, anonymous_users.user_id)
            as user_id
    from calls
    left join merged_users on calls.user_id = merged_users.previous_id
    left join anonymous_users
        on
            calls.unknown_id = anonymous_users.anonymous_id
            and calls.called_at >= anonymous_users.used_from
            and calls.called_at < anonymous_users.used_until
    where calls.group_id is not null and calls.called_at is not null
),

with_previous as (
    select
        user_id,
        group_id,
        called_at,
        lag(group_id) over (
            partition by user_id order by called_at, group_id
        ) as previous_group_id
    from of_users
    where user_id is not null
),

changes as (
    select
        user_id,
        group_id,
        called_at,
        previous_group_id
    from with_previous
    where group_id is distinct from previous_group_id
),

-- what happened before the first call was in the first group
dated as (
    select
        user_id,
        group_id,
        case
            when previous_group_id is null then timestamp '1900-01-01 00:00:00'
            else called_at
        end as member_from,
        coalesce(
            lead(called_at) over (
                partition by user_id order by called_at, group_id
            ),
            timestamp '9999-12-31 00:00:00'
        ) as member_until
    from changes
),

-- of several calls in one moment the last one counts
final as (
    select * from dated
    where member_from < member_until
)

select * from final
