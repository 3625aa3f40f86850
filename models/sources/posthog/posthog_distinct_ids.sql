-- Grain: one row per distinct id (distinct_id), with its user; empty for anonymous ids.
{{ config(
    enabled=source_gives('posthog', ['logins', 'feature_events', 'surveys', 'users']),
    materialized='table'
) }}
{% set first = 'of_events.first_properties' %}
{% set anonymous_id = json_text('properties', '$anon_distinct_id') %}
with events as (
    select * from {{ source_table('posthog', 'events') }}
),

persons as (
    select * from {{ ref('posthog_persons') }}
),

-- events of groups have ids that are no user's
of_events as (
    select
        distinct_id,
        min(timestamp) as first_seen_at,
        min(timestamp) filter (where event = '$identify') as identified_at,
        max_by(person_id, (timestamp, uuid)) filter (where person_id is not null)
            as person_id,
        min_by(properties, (timestamp, uuid)) as first_properties
    from events
    where event <> '$groupidentify'
    group by distinct_id
),

-- what the browser says of its first event: has it been identified?
known as (
    select
        coalesce(of_events.distinct_id, persons.distinct_id) as distinct_id,
        coalesce(persons.person_id, of_events.person_id) as person_id,
        coalesce(of_events.identified_at, of_events.first_seen_at, persons.created_at)
            as known_since,
        case
            when of_events.identified_at is not null then 1
            when of_events.distinct_id is null
                then
                    case
                        when {{ json_text('persons.properties', 'email') }} is not null
                            then 2
                        else 3
                    end
            when {{ json_text(first, '$is_identified') }} = 'false' then 3
            when {{ json_text(first, '$process_person_profile') }} = 'false' then 3
            when {{ json_text(first, '$device_id') }} = of_events.distinct_id then 3
            else 2
        end as kind
    from of_events
    full outer join persons on of_events.distinct_id = persons.distinct_id
),

-- of the ids of one person, the one that was identified first is the user
person_users as (
    select
        person_id,
        min_by(distinct_id, (kind, known_since, distinct_id)) as user_id
    from known
    where kind < 3 and person_id is not null
    group by person_id
),

of_persons as (
    select
        known.distinct_id,
        known.kind,
        coalesce(
            person_users.user_id,
            case when known.kind < 3 then known.distinct_id end
        ) as user_id
    from known
    left join person_users on known.person_id = person_users.person_id
),

-- ids that an event says are one user's: without persons, the only way to know it
link_events as (
    select
        distinct_id,
        timestamp,
        uuid,
        case
            when event = '$identify' then {{ anonymous_id }}
            else {{ json_text('properties', 'alias') }}
        end as linked_id
    from events
    where event in ('$identify', '$create_alias', '$merge_dangerously')
),

links as (
    select
        linked_id,
        min_by(distinct_id, (timestamp, uuid)) as distinct_id
    from link_events
    where linked_id <> distinct_id
    group by linked_id
),

-- of two ids that name each other, the later one by name is the user
one_way_links as (
    select
        links.linked_id,
        links.distinct_id
    from links
    left join links as ways_back
        on
            links.linked_id = ways_back.distinct_id
            and links.distinct_id = ways_back.linked_id
    where ways_back.linked_id is null or links.linked_id < links.distinct_id
),

final as (
    select
        of_persons.distinct_id,
        coalesce(linked_to.user_id, of_persons.user_id) as user_id
    from of_persons
    left join one_way_links on of_persons.distinct_id = one_way_links.linked_id
    left join of_persons as linked_to
        on one_way_links.distinct_id = linked_to.distinct_id
)

select * from final
