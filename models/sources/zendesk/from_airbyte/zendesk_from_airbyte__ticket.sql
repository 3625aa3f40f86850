-- Grain: one row per ticket.
{{ config(enabled=source_is_landed_by('zendesk', 'airbyte', ['support_tickets'])) }}
with delivered as (
    {{ airbyte_rows('zendesk', 'tickets') }}
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
