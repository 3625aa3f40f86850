-- Grain: one row per company (alias_id), with what says which account it is.
{{ config(enabled=source_gives('intercom', ['support_tickets', 'surveys'])) }}
with companies as (
    select * from {{ ref('intercom_companies') }}
),

final as (
    select
        company_id as alias_id,
        external_id,
        domain,
        name
    from companies
)

select * from final
