-- Grain: one row per group (alias_id), with what says which account it is.
{{ config(enabled=source_gives('segment', ['logins', 'feature_events', 'users'])) }}
with groups as (
    select * from {{ source_table('segment', 'groups') }}
),

ranked as (
    select
        group_id,
        external_id,
        name,
        coalesce({{ domain_of('domain') }}, {{ domain_of('website') }}) as domain,
        row_number() over (
            partition by group_id
            order by coalesce(timestamp, received_at) desc nulls last, id asc
        ) as recency
    from groups
    where group_id is not null
),

-- a call need not repeat every trait: the latest of each counts
final as (
    select
        group_id as alias_id,
        min_by(external_id, recency) filter (where external_id is not null)
            as external_id,
        min_by(domain, recency) filter (where domain is not null) as domain,
        min_by(name, recency) filter (where name is not null) as name
    from ranked
    group by group_id
)

select * from final
