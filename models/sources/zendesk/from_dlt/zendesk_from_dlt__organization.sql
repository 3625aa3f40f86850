-- Grain: one row per organization.
{{ config(enabled=source_is_landed_by('zendesk', 'dlt', ['support_tickets'])) }}
with delivered as (
    select * from {{ source('zendesk_dlt', 'organizations') }}
),

final as (
    select
        id,
        name,
        external_id
    from delivered
)

select * from final
