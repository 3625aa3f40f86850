-- Grain: one row per association of a ticket with a contact.
{{ config(enabled=source_is_landed_by('hubspot', 'dlt', ['support_tickets'])) }}
with delivered as (
    select * from {{ source('hubspot_dlt', 'contacts__tickets') }}
),

final as (
    select
        tickets_id as ticket_id,
        contact_id,
        false as _fivetran_deleted
    from delivered
)

select * from final
