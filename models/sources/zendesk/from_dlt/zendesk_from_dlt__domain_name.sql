-- Grain: one row per e-mail domain of an organization.
{{ config(enabled=source_is_landed_by('zendesk', 'dlt', ['support_tickets'])) }}
with domain_names as (
    select * from {{ source('zendesk_dlt', 'organizations__domain_names') }}
),

organizations as (
    select * from {{ source('zendesk_dlt', 'organizations') }}
),

final as (
    select
        organizations.id as organization_id,
        domain_names.domain_name
    from domain_names
    inner join organizations on domain_names._dlt_parent_id = organizations._dlt_id
)

select * from final
