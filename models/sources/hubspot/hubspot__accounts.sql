-- Grain: one row per company (account_id).
{{ config(enabled=source_gives('hubspot', 'accounts')) }}
{% set owner_property = source_setting('hubspot', 'owner_property') %}
{% set channel_property = source_setting('hubspot', 'channel_property') %}
{% set stages = source_setting('hubspot', 'lifecycle_stages', []) %}
{% set internal_domains = source_setting('hubspot', 'internal_domains', []) %}
with companies as (
    select
        *,
        {{ 'csm_owner' if owner_property else 'property_hubspot_owner_id' }}
            as owner_key,
        {{ 'channel' if channel_property else 'property_hs_analytics_source' }}
            as acquisition_channel,
        {{ domain_of('property_domain') }} as domain
    from {{ source_table('hubspot', 'company') }}
    {%- if stages %}
    where lower(property_lifecyclestage) in ('{{ stages | map('lower') | join("', '") }}')
    {%- endif %}
),

owners as (
    select
        owner_id,
        coalesce(
            nullif(
                trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''
            ),
            email
        ) as owner_name
    from {{ source_table('hubspot', 'owner') }}
),

final as (
    select
        companies.id as account_id,
        companies.property_name as account_name,
        companies.property_industry as industry,
        companies.property_country as country,
        cast(companies.property_numberofemployees as bigint) as employees,
        companies.acquisition_channel,
        -- an owner that is not in the table, or a name that a property holds
        coalesce(owners.owner_name, companies.owner_key) as csm_owner,
        cast(coalesce(companies.signed_up, companies.property_createdate) as date)
            as signed_up_on,
        {% if internal_domains %}
        coalesce(
            companies.domain in (
                '{{ internal_domains | map('lower') | join("', '") }}'
            ),
            false
        )
        {% else %}
        false
        {% endif %} as is_internal,
        companies.property_hs_lastmodifieddate as updated_at,
        coalesce(companies.is_deleted, false)
        or coalesce(companies._fivetran_deleted, false) as _fivetran_deleted
    from companies
    left join owners on companies.owner_key = owners.owner_id
)

select * from final
