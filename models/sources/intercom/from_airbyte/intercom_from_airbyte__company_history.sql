-- Grain: one row per company.
{{ config(
    enabled=source_is_landed_by(
        'intercom', 'airbyte', ['support_tickets', 'surveys']
    )
) }}
with delivered as (
    {{ airbyte_rows('intercom', 'companies') }}
),

final as (
    select
        id,
        updated_at,
        company_id,
        name,
        website,
        true as _fivetran_active,
        _airbyte_extracted_at as _fivetran_start
    from delivered
)

select * from final
