-- Grain: one row per change of a field of a ticket.
{{ config(enabled=source_is_landed_by('zendesk', 'airbyte', ['support_tickets'])) }}
with audits as (
    {{ airbyte_rows('zendesk', 'ticket_audits') }}
),

events as (
    {{ json_rows('audits', ['ticket_id', 'created_at'], 'events') }}
),

-- what a ticket was created with is an event, too
final as (
    select
        ticket_id,
        {{ json_text('part', 'field_name') }} as field_name,
        {{ json_text('part', 'value') }} as value,
        created_at as updated
    from events
    where {{ json_text('part', 'type') }} in ('Create', 'Change')
)

select * from final
