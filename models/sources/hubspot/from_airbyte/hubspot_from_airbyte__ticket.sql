-- Grain: one row per ticket.
{{ config(enabled=source_is_landed_by('hubspot', 'airbyte', ['support_tickets'])) }}
with delivered as (
    {{ airbyte_rows('hubspot', 'tickets') }}
),

final as (
    select
        id,
        properties_createdate as property_createdate,
        properties_first_agent_reply_date as property_first_agent_reply_date,
        properties_closed_date as property_closed_date,
        properties_hs_lastmodifieddate as property_hs_lastmodifieddate,
        properties_hs_ticket_priority as property_hs_ticket_priority,
        properties_hs_pipeline as property_hs_pipeline,
        properties_hs_pipeline_stage as property_hs_pipeline_stage,
        archived as is_deleted,
        false as _fivetran_deleted
    from delivered
)

select * from final
