-- Grain: one row per company (company_id), as it is today.
{{ config(enabled=source_gives('intercom', ['support_tickets', 'surveys'])) }}
with versions as (
    select
        *,
        {{ latest_version('id', 'updated_at') }} as version_number
    from {{ source_table('intercom', 'company_history') }}
),

final as (
    select
        id as company_id,
        company_id as external_id,
        name,
        {{ domain_of('website') }} as domain
    from versions
    where version_number = 1
)

select * from final
