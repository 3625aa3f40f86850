-- Grain: one row per organization.
{{ config(enabled=source_is_landed_by('zendesk', 'airbyte', ['support_tickets'])) }}
with delivered as (
    {{ airbyte_rows('zendesk', 'organizations') }}
),

final as (
    select
        id,
        name,
        external_id
    from delivered
)

select * from final
