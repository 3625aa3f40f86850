-- Grain: one row per conversation that a contact takes part in (conversation_id).
{{ config(enabled=source_gives('intercom', ['support_tickets', 'surveys'])) }}
with versions as (
    select
        *,
        {{ latest_version('id', 'updated_at') }} as version_number
    from {{ source_table('intercom', 'conversation_history') }}
),

conversations as (
    select
        *,
        coalesce(source_author_type in ('admin', 'bot'), false) as is_outbound
    from versions
    where version_number = 1
),

conversation_contacts as (
    select
        *,
        max(conversation_updated_at) over (partition by conversation_id) as latest
    from {{ source_table('intercom', 'conversation_contact_history') }}
    where coalesce(_fivetran_active, true)
),

contacts as (
    select * from {{ ref('intercom_contacts') }}
),

companies as (
    select * from {{ ref('intercom_companies') }}
),

-- the author where a contact wrote first, and everybody else who takes part
participants as (
    select
        conversations.id as conversation_id,
        contacts.contact_id,
        contacts.external_id,
        contacts.company_id,
        coalesce(conversations.source_author_id = contacts.contact_id, false)
            as is_author
    from conversations
    inner join conversation_contacts
        on conversations.id = conversation_contacts.conversation_id
    inner join contacts on conversation_contacts.contact_id = contacts.contact_id
    where
        conversation_contacts.conversation_updated_at is null
        or conversation_contacts.conversation_updated_at = conversation_contacts.latest
    union
    select
        conversations.id as conversation_id,
        contacts.contact_id,
        contacts.external_id,
        contacts.company_id,
        true as is_author
    from conversations
    inner join contacts on conversations.source_author_id = contacts.contact_id
    where not conversations.is_outbound
),

-- of several contacts of different companies nobody knows whose question it is
requesters as (
    select
        conversation_id,
        coalesce(
            min(case when is_author then company_id end),
            case when count(distinct company_id) = 1 then min(company_id) end
        ) as company_id,
        case
            when count(distinct case when is_author then contact_id end) = 1
                then min(case when is_author then contact_id end)
            when count(distinct contact_id) = 1 then min(contact_id)
        end as contact_id
    from participants
    group by conversation_id
),

final as (
    select
        conversations.id as conversation_id,
        coalesce(companies.company_id, requesters.company_id) as company_id,
        requesters.contact_id,
        contacts.external_id as user_id,
        -- a message of your own becomes a conversation when a contact answers it
        case
            when conversations.is_outbound
                then conversations.first_contact_reply_created_at
            else conversations.created_at
        end as opened_at,
        conversations.state,
        conversations.priority,
        conversations.statistics_first_admin_reply_at,
        conversations.statistics_last_close_at,
        conversations.conversation_rating_created_at,
        conversations.conversation_rating_updated_at,
        conversations.conversation_rating_value,
        conversations.conversation_rating_remark,
        conversations.conversation_rating_contact_id,
        conversations.updated_at,
        not coalesce(conversations._fivetran_active, true) as _fivetran_deleted
    from conversations
    left join requesters on conversations.id = requesters.conversation_id
    left join contacts on requesters.contact_id = contacts.contact_id
    left join companies on conversations.company_id = companies.company_id
    where
        not conversations.is_outbound
        or conversations.first_contact_reply_created_at is not null
)

select * from final
