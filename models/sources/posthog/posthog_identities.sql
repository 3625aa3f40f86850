-- Grain: one row per group (alias_id), with what says which account it is.
{{ config(
    enabled=source_gives('posthog', ['logins', 'feature_events', 'surveys', 'users'])
) }}
{% set group_type = source_setting('posthog', 'group_type', 'company') %}
{% set external_id_key = source_setting('posthog', 'external_id_key', 'external_id') %}
with events as (
    select * from {{ source_table('posthog', 'events') }}
    where event = '$groupidentify'
),

traits as (
    select
        uuid,
        timestamp,
        {{ json_text('properties', '$group_key') }} as group_key,
        nullif({{ json_text('properties', '$group_set.' ~ external_id_key) }}, '')
            as external_id,
        coalesce(
            {{ domain_of(json_text('properties', '$group_set.domain')) }},
            {{ domain_of(json_text('properties', '$group_set.website')) }}
        ) as domain,
        nullif({{ json_text('properties', '$group_set.name') }}, '') as name
    from events
    where {{ json_text('properties', '$group_type') }} = '{{ group_type }}'
),

ranked as (
    select
        *,
        row_number() over (
            partition by group_key order by timestamp desc nulls last, uuid desc
        ) as recency
    from traits
    where group_key is not null
),

-- an event need not repeat every property: the latest of each counts
final as (
    select
        group_key as alias_id,
        min_by(external_id, recency) filter (where external_id is not null)
            as external_id,
        min_by(domain, recency) filter (where domain is not null) as domain,
        min_by(name, recency) filter (where name is not null) as name
    from ranked
    group by group_key
)

select * from final
