-- Grain: one row per comment on a ticket.
{{ config(enabled=source_is_landed_by('zendesk', 'dlt', ['support_tickets'])) }}
with children as (
    select * from {{ source('zendesk_dlt', 'ticket_events__child_events') }}
),

events as (
    select * from {{ source('zendesk_dlt', 'ticket_events') }}
),

-- an update that is landed twice has other rows, and the same id
final as (
    select distinct
        children.id,
        events.ticket_id,
        coalesce(children.author_id, events.updater_id) as user_id,
        coalesce(children.public, children.comment_public) as public,
        events.created_at as created,
        false as _fivetran_deleted
    from children
    inner join events on children._dlt_parent_id = events._dlt_id
    where children.event_type = 'Comment'
)

select * from final
