-- Grain: one row per user, all distinct ids of a person as one (user_id).
{{ config(enabled=source_gives('posthog', 'users')) }}
{% set account_property = source_setting('posthog', 'account_property') %}
{% set role_key = source_setting('posthog', 'role_key', 'role') %}
with distinct_ids as (
    select * from {{ ref('posthog_distinct_ids') }}
    where user_id is not null
),

persons as (
    select * from {{ ref('posthog_persons') }}
),

user_accounts as (
    select * from {{ ref('posthog_user_accounts') }}
),

events as (
    select * from {{ source_table('posthog', 'events') }}
    where event <> '$groupidentify'
),

of_persons as (
    select
        distinct_ids.user_id,
        max_by(
            persons.properties,
            (coalesce(persons.person_version, 0), persons.distinct_id)
        ) filter (where persons.properties is not null) as properties,
        min(persons.created_at) as created_at,
        -- the user is gone when all of the person's ids are
        bool_and(coalesce(persons.is_deleted, false)) as is_deleted
    from distinct_ids
    left join persons on distinct_ids.distinct_id = persons.distinct_id
    group by distinct_ids.user_id
),

of_events as (
    select
        distinct_ids.user_id,
        min(events.timestamp) as first_seen_at,
        max_by(events.person_properties, (events.timestamp, events.uuid)) filter (
            where
            events.event in ('$identify', '$set')
            and events.person_properties is not null
        ) as properties
    from events
    inner join distinct_ids on events.distinct_id = distinct_ids.distinct_id
    group by distinct_ids.user_id
),

-- without persons, the properties are those of the latest event that sets them
with_properties as (
    select
        of_persons.user_id,
        of_persons.is_deleted,
        coalesce(of_persons.properties, of_events.properties) as properties,
        coalesce(of_persons.created_at, of_events.first_seen_at) as created_at
    from of_persons
    left join of_events on of_persons.user_id = of_events.user_id
),

final as (
    select
        with_properties.user_id,
        coalesce(
            user_accounts.account_id
            {%- if account_property %},
            nullif({{ json_text('with_properties.properties', account_property) }}, '')
            {%- else %},
            null
            {%- endif %}
        ) as account_id,
        nullif({{ json_text('with_properties.properties', 'email') }}, '') as email,
        nullif({{ json_text('with_properties.properties', role_key) }}, '') as role,
        with_properties.created_at,
        with_properties.is_deleted as _fivetran_deleted
    from with_properties
    left join user_accounts on with_properties.user_id = user_accounts.user_id
)

select * from final
