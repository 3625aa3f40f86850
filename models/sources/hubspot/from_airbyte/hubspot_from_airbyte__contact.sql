-- Grain: one row per contact.
{{ config(
    enabled=source_is_landed_by(
        'hubspot', 'airbyte', ['support_tickets', 'surveys', 'users']
    )
) }}
with delivered as (
    {{ airbyte_rows('hubspot', 'contacts') }}
),

final as (
    select
        id,
        properties_email as property_email,
        properties_createdate as property_createdate,
        properties_associatedcompanyid as property_associatedcompanyid,
        product_user_id,
        archived as is_deleted,
        false as _fivetran_deleted
    from delivered
)

select * from final
