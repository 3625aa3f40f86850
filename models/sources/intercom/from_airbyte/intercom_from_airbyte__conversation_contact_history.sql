-- Grain: one row per contact of a conversation.
{{ config(
    enabled=source_is_landed_by(
        'intercom', 'airbyte', ['support_tickets', 'surveys']
    )
) }}
with conversations as (
    {{ airbyte_rows('intercom', 'conversations') }}
),

contacts as (
    {{ json_rows('conversations', ['id', 'updated_at'], 'contacts', 'contacts') }}
),

final as (
    select
        id as conversation_id,
        {{ json_text('part', 'id') }} as contact_id,
        updated_at as conversation_updated_at,
        true as _fivetran_active
    from contacts
)

select * from final
