-- Grain: one row per part of a conversation.
{{ config(enabled=source_is_landed_by('intercom', 'airbyte', ['support_tickets'])) }}
with delivered as (
    {{ airbyte_rows('intercom', 'conversation_parts') }}
),

final as (
    select
        id,
        conversation_id,
        part_type,
        {{ json_text('author', 'type') }} as author_type,
        created_at,
        true as _fivetran_active
    from delivered
)

select * from final
