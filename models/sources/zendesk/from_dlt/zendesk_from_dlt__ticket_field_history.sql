-- Grain: one row per change of a field of a ticket.
{{ config(enabled=source_is_landed_by('zendesk', 'dlt', ['support_tickets'])) }}
with children as (
    select * from {{ source('zendesk_dlt', 'ticket_events__child_events') }}
),

events as (
    select * from {{ source('zendesk_dlt', 'ticket_events') }}
),

changes as (
    select distinct
        events.ticket_id,
        events.created_at,
        children.status,
        children.assignee_id
    from children
    inner join events on children._dlt_parent_id = events._dlt_id
    where children.event_type in ('Create', 'Change')
),

final as (
    select
        ticket_id,
        'status' as field_name,
        status as value,
        created_at as updated
    from changes
    where status is not null
    union all
    select
        ticket_id,
        'assignee_id' as field_name,
        assignee_id as value,
        created_at as updated
    from changes
    where assignee_id is not null
)

select * from final
