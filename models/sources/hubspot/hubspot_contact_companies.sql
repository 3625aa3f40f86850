-- Grain: one row per contact (contact_id), with the company that it belongs to.
{{ config(enabled=source_gives('hubspot', ['support_tickets', 'surveys', 'users'])) }}
with contacts as (
    select * from {{ source_table('hubspot', 'contact') }}
),

associations as (
    select * from {{ source_table('hubspot', 'contact_company') }}
    where not coalesce(_fivetran_deleted, false)
),

-- several companies of which none is the primary one: nobody knows which
companies as (
    select
        contact_id,
        case
            when count(distinct case when type_id = 1 then company_id end) = 1
                then min(case when type_id = 1 then company_id end)
            when count(distinct company_id) = 1 then min(company_id)
        end as company_id
    from associations
    group by contact_id
),

final as (
    select
        contacts.id as contact_id,
        contacts.product_user_id,
        contacts.property_email,
        contacts.property_createdate,
        coalesce(contacts.property_associatedcompanyid, companies.company_id)
            as company_id,
        coalesce(contacts.is_deleted, false)
        or coalesce(contacts._fivetran_deleted, false) as _fivetran_deleted
    from contacts
    left join companies on contacts.id = companies.contact_id
)

select * from final
