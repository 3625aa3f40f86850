-- Grain: one row per anonymous id and time during which it is one user's
-- (anonymous_id, used_from).
{{ config(
    enabled=source_gives('segment', ['logins', 'feature_events', 'users']),
    materialized='table'
) }}
with identifies as (
    select * from {{ source_table('segment', 'identifies') }}
),

aliases as (
    select * from {{ source_table('segment', 'aliases') }}
),

merged_users as (
    select * from {{ ref('segment_merged_users') }}
),

-- an alias call, too, gives an anonymous id to a user
calls as (
    select
        anonymous_id,
        user_id,
        coalesce(timestamp, received_at) as called_at
    from identifies
    where anonymous_id is not null and user_id is not null
    union all
    select
        previous_id as anonymous_id,
        user_id,
        coalesce(timestamp, received_at) as called_at
    from aliases
    where previous_id <> user_id
),

of_users as (
    select
        calls.anonymous_id,
        calls.called_at,
        coalesce(merged_users.user_id, calls.user_id) as user_id
    from calls
    left join merged_users on calls.user_id = merged_users.previous_id
    where calls.called_at is not null
),

with_previous as (
    select
        anonymous_id,
        user_id,
        called_at,
        lag(user_id) over (
            partition by anonymous_id order by called_at, user_id
        ) as previous_user_id
    from of_users
),

-- a call that names the same user again changes nothing
changes as (
    select
        anonymous_id,
        user_id,
        called_at,
        previous_user_id
    from with_previous
    where user_id is distinct from previous_user_id
),

-- what happened before the first call was the first user's
dated as (
    select
        anonymous_id,
        user_id,
        case
            when previous_user_id is null then timestamp '1900-01-01 00:00:00'
            else called_at
        end as used_from,
        coalesce(
            lead(called_at) over (
                partition by anonymous_id order by called_at, user_id
            ),
            timestamp '9999-12-31 00:00:00'
        ) as used_until
    from changes
),

-- of several calls in one moment the last one counts
final as (
    select * from dated
    where used_from < used_until
)

select * from final
