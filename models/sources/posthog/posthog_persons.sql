-- Grain: one row per distinct id, its latest version (distinct_id).
{{ config(
    enabled=source_gives('posthog', ['logins', 'feature_events', 'surveys', 'users'])
) }}
with persons as (
    select * from {{ source_table('posthog', 'persons') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by distinct_id
            order by
                person_distinct_id_version desc nulls last,
                person_version desc nulls last,
                person_id asc
        ) as recency
    from persons
),

final as (
    select
        distinct_id,
        person_id,
        properties,
        person_version,
        created_at,
        coalesce(is_deleted, false) as is_deleted
    from ranked
    where recency = 1
)

select * from final
