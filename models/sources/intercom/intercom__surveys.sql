-- Grain: one row per rating that was asked for or given (response_id).
{{ config(enabled=source_gives('intercom', 'surveys')) }}
with conversations as (
    select * from {{ ref('intercom_conversations') }}
),

contacts as (
    select * from {{ ref('intercom_contacts') }}
),

ratings as (
    select
        *,
        coalesce(conversation_rating_contact_id, contact_id) as respondent_id,
        -- without the time of the request: at the latest when the conversation changed
        coalesce(
            conversation_rating_created_at, conversation_rating_updated_at, updated_at
        ) as sent_at
    from conversations
    where
        conversation_rating_created_at is not null
        or conversation_rating_value is not null
),

final as (
    select
        ratings.conversation_id as response_id,
        'csat' as survey_type,
        'satisfaction' as question,
        coalesce(ratings.company_id, contacts.company_id) as account_id,
        coalesce(contacts.external_id, ratings.respondent_id) as user_id,
        ratings.conversation_rating_value as score,
        ratings.conversation_rating_remark as comment,
        ratings.sent_at,
        case
            when ratings.conversation_rating_value is not null
                then coalesce(ratings.conversation_rating_updated_at, ratings.sent_at)
        end as responded_at,
        ratings.updated_at,
        ratings._fivetran_deleted
    from ratings
    left join contacts on ratings.respondent_id = contacts.contact_id
)

select * from final
