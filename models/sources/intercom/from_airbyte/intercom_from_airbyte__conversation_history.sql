-- Grain: one row per conversation.
{{ config(
    enabled=source_is_landed_by(
        'intercom', 'airbyte', ['support_tickets', 'surveys']
    )
) }}
with delivered as (
    {{ airbyte_rows('intercom', 'conversations') }}
),

final as (
    select
        id,
        created_at,
        updated_at,
        state,
        priority,
        cast(null as {{ dbt.type_string() }}) as company_id,
        {{ json_text('source', 'author.id') }} as source_author_id,
        {{ json_text('source', 'author.type') }} as source_author_type,
        {{ epoch_timestamp(json_text('first_contact_reply', 'created_at')) }}
            as first_contact_reply_created_at,
        {{ epoch_timestamp(json_text('statistics', 'first_admin_reply_at')) }}
            as statistics_first_admin_reply_at,
        {{ epoch_timestamp(json_text('statistics', 'last_close_at')) }}
            as statistics_last_close_at,
        {{ epoch_timestamp(json_text('conversation_rating', 'created_at')) }}
            as conversation_rating_created_at,
        cast(null as {{ dbt.type_timestamp() }}) as conversation_rating_updated_at,
        cast({{ json_text('conversation_rating', 'rating') }} as bigint)
            as conversation_rating_value,
        {{ json_text('conversation_rating', 'remark') }} as conversation_rating_remark,
        -- older versions of the API say customer
        coalesce(
            {{ json_text('conversation_rating', 'contact.id') }},
            {{ json_text('conversation_rating', 'customer.id') }}
        ) as conversation_rating_contact_id,
        true as _fivetran_active,
        _airbyte_extracted_at as _fivetran_start
    from delivered
)

select * from final
