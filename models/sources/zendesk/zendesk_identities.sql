-- Grain: one row per organization and domain (alias_id, domain), with what says which
-- account it is.
{{ config(enabled=source_gives('zendesk', 'support_tickets')) }}
with organizations as (
    select * from {{ source_table('zendesk', 'organization') }}
),

domain_names as (
    select distinct
        organization_id,
        {{ domain_of('domain_name') }} as domain
    from {{ source_table('zendesk', 'domain_name') }}
),

final as (
    select
        organizations.id as alias_id,
        organizations.external_id,
        domain_names.domain,
        organizations.name
    from organizations
    left join domain_names on organizations.id = domain_names.organization_id
)

select * from final
