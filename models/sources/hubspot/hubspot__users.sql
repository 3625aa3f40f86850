-- Grain: one row per contact that carries the id of a user of the product (user_id).
{{ config(enabled=source_gives('hubspot', 'users')) }}
{% if execute and not source_setting('hubspot', 'user_id_property') %}
{{ exceptions.raise_compiler_error(
    "users come from hubspot, and a contact of a CRM is not a user of the product. Name"
    " the column of contact that has the user's id in the product, as in"
    " source_settings: {hubspot: {user_id_property: property_user_id}}, or take users"
    " from another source. See docs/sources/hubspot.md."
) }}
{% endif %}
with contacts as (
    select * from {{ ref('hubspot_contact_companies') }}
),

final as (
    select
        product_user_id as user_id,
        company_id as account_id,
        property_email as email,
        property_createdate as created_at,
        _fivetran_deleted
    from contacts
    where product_user_id is not null
)

select * from final
