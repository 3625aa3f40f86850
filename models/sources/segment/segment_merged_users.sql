-- Grain: one row per id that was given up for another (previous_id).
{{ config(
    enabled=source_gives('segment', ['logins', 'feature_events', 'users']),
    materialized='table'
) }}
with aliases as (
    select * from {{ source_table('segment', 'aliases') }}
),

-- an id that was given up twice: the last time counts
ranked as (
    select
        previous_id,
        user_id,
        row_number() over (
            partition by previous_id
            order by coalesce(timestamp, received_at) desc nulls last, user_id asc
        ) as recency
    from aliases
    where previous_id <> user_id
),

latest as (
    select
        previous_id,
        user_id
    from ranked
    where recency = 1
),

-- an id that was itself given up later is followed, for up to three steps
followed as (
    select
        latest.previous_id,
        latest.user_id as first_id,
        next_id.user_id as second_id,
        last_id.user_id as third_id
    from latest
    left join latest as next_id on latest.user_id = next_id.previous_id
    left join latest as last_id on next_id.user_id = last_id.previous_id
),

-- ids in a circle stay as they are
final as (
    select
        previous_id,
        coalesce(third_id, second_id, first_id) as user_id
    from followed
    where
        previous_id <> coalesce(second_id, '')
        and previous_id <> coalesce(third_id, '')
)

select * from final
