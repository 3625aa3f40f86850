-- Grain: one row per user.
{{ config(enabled=source_is_landed_by('zendesk', 'airbyte', ['support_tickets'])) }}
with delivered as (
    {{ airbyte_rows('zendesk', 'users') }}
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
