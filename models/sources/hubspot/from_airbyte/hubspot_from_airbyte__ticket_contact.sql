-- Grain: one row per association of a ticket with a contact.
{{ config(enabled=source_is_landed_by('hubspot', 'airbyte', ['support_tickets'])) }}
-- a ticket lists its contacts
with tickets as (
    {{ airbyte_rows('hubspot', 'tickets') }}
),

associations as (
    {{ json_rows('tickets', ['id'], 'contacts') }}
),

final as (
    select
        id as ticket_id,
        part as contact_id,
        false as _fivetran_deleted
    from associations
)

select * from final
