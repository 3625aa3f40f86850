-- Grain: one row per track call (event_id), those of unknown users too.
{{ config(enabled=source_gives('segment', ['logins', 'feature_events'])) }}
with tracks as (
    select * from {{ source_table('segment', 'tracks') }}
),

anonymous_users as (
    select * from {{ ref('segment_anonymous_users') }}
),

merged_users as (
    select * from {{ ref('segment_merged_users') }}
),

user_groups as (
    select * from {{ ref('segment_user_groups') }}
),

calls as (
    select
        id as event_id,
        user_id,
        case when user_id is null then anonymous_id end as unknown_id,
        event,
        event_text,
        context_group_id,
        coalesce(timestamp, received_at) as occurred_at
    from tracks
),

of_users as (
    select
        calls.event_id,
        calls.event,
        calls.event_text,
        calls.context_group_id,
        calls.occurred_at,
        coalesce(merged_users.user_id, calls.user_id, anonymous_users.user_id)
            as user_id
    from calls
    left join merged_users on calls.user_id = merged_users.previous_id
    left join anonymous_users
        on
            calls.unknown_id = anonymous_users.anonymous_id
            and calls.occurred_at >= anonymous_users.used_from
            and calls.occurred_at < anonymous_users.used_until
),

final as (
    select
        of_users.event_id,
        of_users.user_id,
        coalesce(of_users.context_group_id, user_groups.group_id) as account_id,
        of_users.event,
        of_users.event_text,
        of_users.occurred_at
    from of_users
    left join user_groups
        on
            of_users.user_id = user_groups.user_id
            and of_users.occurred_at >= user_groups.member_from
            and of_users.occurred_at < user_groups.member_until
)

select * from final
