-- Grain: one row per association of a ticket with a company.
{{ config(enabled=source_is_landed_by('hubspot', 'airbyte', ['support_tickets'])) }}
-- Airbyte does not say which of several companies is the primary one
with tickets as (
    {{ airbyte_rows('hubspot', 'tickets') }}
),

associations as (
    {{ json_rows('tickets', ['id'], 'companies') }}
),

final as (
    select
        id as ticket_id,
        part as company_id,
        cast(null as {{ dbt.type_int() }}) as type_id,
        false as _fivetran_deleted
    from associations
)

select * from final
