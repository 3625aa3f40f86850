-- Grain: one row per association of a contact with a company.
{{ config(
    enabled=source_is_landed_by(
        'hubspot', 'dlt', ['support_tickets', 'users']
    )
) }}
with delivered as (
    select * from {{ source('hubspot_dlt', 'companies__contacts') }}
),

final as (
    select
        contacts_id as contact_id,
        company_id,
        cast(null as {{ dbt.type_int() }}) as type_id,
        false as _fivetran_deleted
    from delivered
)

select * from final
