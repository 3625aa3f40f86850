-- Grain: one row per ticket (ticket_id).
{{ config(enabled=source_gives('zendesk', 'support_tickets')) }}
with tickets as (
    select * from {{ source_table('zendesk', 'ticket') }}
),

field_changes as (
    select * from {{ source_table('zendesk', 'ticket_field_history') }}
),

comments as (
    select * from {{ source_table('zendesk', 'ticket_comment') }}
    where not coalesce(_fivetran_deleted, false)
),

users as (
    select * from {{ source_table('zendesk', 'user') }}
),

-- a user's role is that of today: a former agent is known by having been assigned
agents as (
    select id as user_id from users
    where role in ('agent', 'admin')
    union
    select value as user_id from field_changes
    where field_name = 'assignee_id' and value is not null
),

first_responses as (
    select
        comments.ticket_id,
        min(comments.created) as first_response_at
    from comments
    inner join agents on comments.user_id = agents.user_id
    inner join tickets on comments.ticket_id = tickets.id
    where comments.public and comments.user_id <> tickets.requester_id
    group by comments.ticket_id
),

-- a ticket that was deleted and restored has the status that it had
status_changes as (
    select
        ticket_id,
        updated,
        value in ('solved', 'closed') as is_closed
    from field_changes
    where field_name = 'status' and value is not null and value <> 'deleted'
),

last_open as (
    select
        ticket_id,
        max(updated) as updated
    from status_changes
    where not is_closed
    group by ticket_id
),

-- the start of its last time as solved, which a later closing does not move
closings as (
    select
        status_changes.ticket_id,
        min(status_changes.updated) as closed_at
    from status_changes
    left join last_open on status_changes.ticket_id = last_open.ticket_id
    where
        status_changes.is_closed
        and (last_open.updated is null or status_changes.updated > last_open.updated)
    group by status_changes.ticket_id
),

final as (
    select
        tickets.id as ticket_id,
        coalesce(tickets.organization_id, users.organization_id) as account_id,
        users.external_id as user_id,
        coalesce(lower(tickets.priority), 'normal') as priority,
        tickets.created_at as opened_at,
        first_responses.first_response_at,
        case
            when tickets.status in ('solved', 'closed')
                -- without a change of status: at the latest when it last changed
                then coalesce(closings.closed_at, tickets.updated_at)
        end as closed_at,
        tickets.updated_at,
        coalesce(tickets.status = 'deleted', false)
        or coalesce(tickets._fivetran_deleted, false) as _fivetran_deleted
    from tickets
    left join users on tickets.requester_id = users.id
    left join first_responses on tickets.id = first_responses.ticket_id
    left join closings on tickets.id = closings.ticket_id
)

select * from final
