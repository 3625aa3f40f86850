-- Grain: one row per ticket (ticket_id).
{{ config(enabled=source_gives('hubspot', 'support_tickets')) }}
{% set pipelines = source_setting('hubspot', 'support_pipelines', []) %}
with tickets as (
    select * from {{ source_table('hubspot', 'ticket') }}
    {%- if pipelines %}
    where property_hs_pipeline in ('{{ pipelines | join("', '") }}')
    {%- endif %}
),

stages as (
    select
        pipeline_id,
        stage_id,
        coalesce(is_closed, upper(ticket_state) = 'CLOSED') as is_closed
    from {{ source_table('hubspot', 'ticket_pipeline_stage') }}
),

ticket_companies as (
    select * from {{ source_table('hubspot', 'ticket_company') }}
    where not coalesce(_fivetran_deleted, false)
),

ticket_contacts as (
    select * from {{ source_table('hubspot', 'ticket_contact') }}
    where not coalesce(_fivetran_deleted, false)
),

contacts as (
    select * from {{ ref('hubspot_contact_companies') }}
),

-- several companies of which none is the primary one: nobody knows which
companies as (
    select
        ticket_id,
        case
            when count(distinct case when type_id = 26 then company_id end) = 1
                then min(case when type_id = 26 then company_id end)
            when count(distinct company_id) = 1 then min(company_id)
        end as company_id
    from ticket_companies
    group by ticket_id
),

requesters as (
    select
        ticket_contacts.ticket_id,
        case
            when count(distinct contacts.company_id) = 1 then min(contacts.company_id)
        end as company_id,
        case
            when count(distinct contacts.contact_id) = 1
                then min(contacts.product_user_id)
        end as user_id
    from ticket_contacts
    inner join contacts on ticket_contacts.contact_id = contacts.contact_id
    group by ticket_contacts.ticket_id
),

final as (
    select
        tickets.id as ticket_id,
        coalesce(companies.company_id, requesters.company_id) as account_id,
        requesters.user_id,
        case coalesce(lower(tickets.property_hs_ticket_priority), 'medium')
            when 'medium' then 'normal'
            else lower(tickets.property_hs_ticket_priority)
        end as priority,
        tickets.property_createdate as opened_at,
        tickets.property_first_agent_reply_date as first_response_at,
        case
            -- reopened: the date of the closing before may still be there
            when stages.is_closed = false then null
            -- closed without a date: at the latest when it last changed
            when stages.is_closed
                then
                    coalesce(
                        tickets.property_closed_date,
                        tickets.property_hs_lastmodifieddate
                    )
            else tickets.property_closed_date
        end as closed_at,
        tickets.property_hs_lastmodifieddate as updated_at,
        coalesce(tickets.is_deleted, false)
        or coalesce(tickets._fivetran_deleted, false) as _fivetran_deleted
    from tickets
    left join companies on tickets.id = companies.ticket_id
    left join requesters on tickets.id = requesters.ticket_id
    left join stages
        on
            tickets.property_hs_pipeline = stages.pipeline_id
            and tickets.property_hs_pipeline_stage = stages.stage_id
)

select * from final
