-- Grain: one row per contact.
{{ config(
    enabled=source_is_landed_by(
        'intercom', 'airbyte', ['support_tickets', 'surveys']
    )
) }}
with delivered as (
    {{ airbyte_rows('intercom', 'contacts') }}
),

final as (
    select
        id,
        updated_at,
        external_id,
        true as _fivetran_active,
        _airbyte_extracted_at as _fivetran_start
    from delivered
)

select * from final
