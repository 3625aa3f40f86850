-- Grain: one row per account (alias_id), with what says which account it is elsewhere.
{{ config(
    enabled=source_gives('pendo', ['logins', 'feature_events', 'surveys', 'users'])
) }}
with versions as (
    select
        *,
        row_number() over (
            partition by id order by last_updated_at desc nulls last, account_name asc
        ) as recency
    from {{ source_table('pendo', 'account_history') }}
),

final as (
    select
        id as alias_id,
        nullif(external_id, '') as external_id,
        {{ domain_of('domain') }} as domain,
        account_name as name
    from versions
    where recency = 1
)

select * from final
