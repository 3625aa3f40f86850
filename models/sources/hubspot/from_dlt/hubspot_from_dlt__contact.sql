-- Grain: one row per contact.
{{ config(
    enabled=source_is_landed_by(
        'hubspot', 'dlt', ['support_tickets', 'users']
    )
) }}
with delivered as (
    select * from {{ source('hubspot_dlt', 'contacts') }}
),

final as (
    select
        id,
        email as property_email,
        createdate as property_createdate,
        associatedcompanyid as property_associatedcompanyid,
        product_user_id,
        is_deleted,
        false as _fivetran_deleted
    from delivered
)

select * from final
