-- Grain: one row per ticket.
{{ config(enabled=source_is_landed_by('hubspot', 'dlt', ['support_tickets'])) }}
with delivered as (
    select * from {{ source('hubspot_dlt', 'tickets') }}
),

final as (
    select
        id,
        createdate as property_createdate,
        first_agent_reply_date as property_first_agent_reply_date,
        closed_date as property_closed_date,
        hs_lastmodifieddate as property_hs_lastmodifieddate,
        hs_ticket_priority as property_hs_ticket_priority,
        hs_pipeline as property_hs_pipeline,
        hs_pipeline_stage as property_hs_pipeline_stage,
        is_deleted,
        false as _fivetran_deleted
    from delivered
)

select * from final
