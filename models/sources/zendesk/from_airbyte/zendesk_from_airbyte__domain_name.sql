-- Grain: one row per e-mail domain of an organization.
{{ config(enabled=source_is_landed_by('zendesk', 'airbyte', ['support_tickets'])) }}
with organizations as (
    {{ airbyte_rows('zendesk', 'organizations') }}
),

domain_names as (
    {{ json_rows('organizations', ['id'], 'domain_names') }}
),

final as (
    select
        id as organization_id,
        part as domain_name
    from domain_names
)

select * from final
