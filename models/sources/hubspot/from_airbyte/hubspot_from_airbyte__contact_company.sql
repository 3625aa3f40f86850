-- Grain: one row per association of a contact with a company.
{{ config(
    enabled=source_is_landed_by(
        'hubspot', 'airbyte', ['support_tickets', 'surveys', 'users']
    )
) }}
-- Airbyte does not say which of several companies is the primary one
with contacts as (
    {{ airbyte_rows('hubspot', 'contacts') }}
),

associations as (
    {{ json_rows('contacts', ['id'], 'companies') }}
),

final as (
    select
        id as contact_id,
        part as company_id,
        cast(null as {{ dbt.type_int() }}) as type_id,
        false as _fivetran_deleted
    from associations
)

select * from final
