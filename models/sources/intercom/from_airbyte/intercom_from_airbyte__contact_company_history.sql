-- Grain: one row per company of a contact.
{{ config(
    enabled=source_is_landed_by(
        'intercom', 'airbyte', ['support_tickets', 'surveys']
    )
) }}
with contacts as (
    {{ airbyte_rows('intercom', 'contacts') }}
),

companies as (
    {{ json_rows('contacts', ['id', 'updated_at'], 'companies', 'data') }}
),

final as (
    select
        id as contact_id,
        {{ json_text('part', 'id') }} as company_id,
        updated_at as contact_updated_at,
        true as _fivetran_active
    from companies
)

select * from final
