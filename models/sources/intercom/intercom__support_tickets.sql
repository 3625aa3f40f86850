-- Grain: one row per conversation (ticket_id).
{{ config(enabled=source_gives('intercom', 'support_tickets')) }}
with conversations as (
    select * from {{ ref('intercom_conversations') }}
),

parts as (
    select * from {{ source_table('intercom', 'conversation_part_history') }}
    where coalesce(_fivetran_active, true)
),

-- where the connector has no statistics; notes are internal, and a bot is no person
actions as (
    select
        parts.conversation_id,
        min(
            case
                when parts.part_type = 'comment' and parts.author_type = 'admin'
                    then parts.created_at
            end
        ) as first_reply_at,
        max(case when parts.part_type = 'close' then parts.created_at end)
            as last_close_at
    from parts
    inner join conversations
        on parts.conversation_id = conversations.conversation_id
    where parts.created_at >= conversations.opened_at
    group by parts.conversation_id
),

final as (
    select
        conversations.conversation_id as ticket_id,
        conversations.company_id as account_id,
        conversations.user_id,
        case
            when conversations.priority = 'priority' then 'high'
            else 'normal'
        end as priority,
        conversations.opened_at,
        coalesce(
            conversations.statistics_first_admin_reply_at, actions.first_reply_at
        ) as first_response_at,
        case
            when conversations.state = 'closed'
                then
                    coalesce(
                        conversations.statistics_last_close_at,
                        actions.last_close_at,
                        conversations.updated_at
                    )
        end as closed_at,
        conversations.updated_at,
        conversations._fivetran_deleted
    from conversations
    left join actions on conversations.conversation_id = actions.conversation_id
)

select * from final
