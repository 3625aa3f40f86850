-- Grain: one row per ticket.
{{ config(enabled=source_is_landed_by('zendesk', 'dlt', ['support_tickets'])) }}
with delivered as (
    select * from {{ source('zendesk_dlt', 'tickets') }}
),

final as (
    select
        id,
        organization_id,
        requester_id,
        priority,
        status,
        created_at,
        updated_at,
        false as _fivetran_deleted
    from delivered
)

select * from final
