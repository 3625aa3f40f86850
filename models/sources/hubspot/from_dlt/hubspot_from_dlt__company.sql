-- Grain: one row per company.
{{ config(
    enabled=source_is_landed_by(
        'hubspot', 'dlt', ['accounts', 'support_tickets', 'users']
    )
) }}
with delivered as (
    select * from {{ source('hubspot_dlt', 'companies') }}
),

final as (
    select
        id,
        name as property_name,
        domain as property_domain,
        hs_additional_domains as property_hs_additional_domains,
        industry as property_industry,
        country as property_country,
        numberofemployees as property_numberofemployees,
        createdate as property_createdate,
        hs_lastmodifieddate as property_hs_lastmodifieddate,
        lifecyclestage as property_lifecyclestage,
        hs_analytics_source as property_hs_analytics_source,
        hubspot_owner_id as property_hubspot_owner_id,
        hs_merged_object_ids as property_hs_merged_object_ids,
        external_id,
        signed_up,
        csm_owner,
        channel,
        is_deleted,
        false as _fivetran_deleted
    from delivered
)

select * from final
