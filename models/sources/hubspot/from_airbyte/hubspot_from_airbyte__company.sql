-- Grain: one row per company.
{{ config(
    enabled=source_is_landed_by(
        'hubspot', 'airbyte', ['accounts', 'support_tickets', 'surveys', 'users']
    )
) }}
with delivered as (
    {{ airbyte_rows('hubspot', 'companies') }}
),

final as (
    select
        id,
        properties_name as property_name,
        properties_domain as property_domain,
        properties_hs_additional_domains as property_hs_additional_domains,
        properties_industry as property_industry,
        properties_country as property_country,
        properties_numberofemployees as property_numberofemployees,
        properties_createdate as property_createdate,
        properties_hs_lastmodifieddate as property_hs_lastmodifieddate,
        properties_lifecyclestage as property_lifecyclestage,
        properties_hs_analytics_source as property_hs_analytics_source,
        properties_hubspot_owner_id as property_hubspot_owner_id,
        properties_hs_merged_object_ids as property_hs_merged_object_ids,
        external_id,
        signed_up,
        csm_owner,
        channel,
        archived as is_deleted,
        false as _fivetran_deleted
    from delivered
)

select * from final
