-- Grain: one row per comment on a ticket.
{{ config(enabled=source_is_landed_by('zendesk', 'airbyte', ['support_tickets'])) }}
with delivered as (
    {{ airbyte_rows('zendesk', 'ticket_comments') }}
),

final as (
    select
        id,
        ticket_id,
        author_id as user_id,
        public,
        created_at as created,
        false as _fivetran_deleted
    from delivered
)

select * from final
