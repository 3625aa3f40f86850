-- Grain: one row per company and domain (alias_id, domain), with what says which
-- account it is.
{{ config(
    enabled=source_gives('hubspot', ['accounts', 'support_tickets', 'surveys', 'users'])
) }}
with companies as (
    select * from {{ source_table('hubspot', 'company') }}
    where not coalesce(is_deleted, false) and not coalesce(_fivetran_deleted, false)
),

merged_accounts as (
    select * from {{ ref('hubspot_merged_accounts') }}
),

further_domains as (
    {{ split_rows('companies', ['id'], 'property_hs_additional_domains', ';') }}
),

domains as (
    select
        id,
        {{ domain_of('property_domain') }} as domain
    from companies
    union
    select
        id,
        {{ domain_of('part') }} as domain
    from further_domains
),

final as (
    select
        companies.id as alias_id,
        companies.external_id,
        domains.domain,
        companies.property_name as name
    from companies
    inner join domains on companies.id = domains.id
    left join merged_accounts on companies.id = merged_accounts.alias_id
    where merged_accounts.alias_id is null
)

select * from final
