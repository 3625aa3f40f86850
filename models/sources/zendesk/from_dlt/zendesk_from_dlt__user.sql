-- Grain: one row per user.
{{ config(enabled=source_is_landed_by('zendesk', 'dlt', ['support_tickets'])) }}
with delivered as (
    select * from {{ source('zendesk_dlt', 'users') }}
),

final as (
    select
        id,
        organization_id,
        role,
        external_id
    from delivered
)

select * from final
