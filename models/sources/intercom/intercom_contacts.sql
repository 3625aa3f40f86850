-- Grain: one row per contact (contact_id), with the company that it belongs to.
{{ config(enabled=source_gives('intercom', ['support_tickets', 'surveys'])) }}
with versions as (
    select
        *,
        {{ latest_version('id', 'updated_at') }} as version_number
    from {{ source_table('intercom', 'contact_history') }}
),

memberships as (
    select
        *,
        max(contact_updated_at) over (partition by contact_id) as latest
    from {{ source_table('intercom', 'contact_company_history') }}
    where coalesce(_fivetran_active, true)
),

-- of a contact who belongs to several companies nobody knows for which one they write
only_companies as (
    select
        contact_id,
        case when count(distinct company_id) = 1 then min(company_id) end as company_id
    from memberships
    where contact_updated_at is null or contact_updated_at = latest
    group by contact_id
),

final as (
    select
        versions.id as contact_id,
        versions.external_id,
        only_companies.company_id
    from versions
    left join only_companies on versions.id = only_companies.contact_id
    where versions.version_number = 1
)

select * from final
