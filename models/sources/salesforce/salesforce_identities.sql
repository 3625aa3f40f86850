-- Grain: one row per account (alias_id), with what says which account it is elsewhere.
{{ config(enabled=source_gives('salesforce', ['accounts', 'subscriptions'])) }}
with accounts as (
    select * from {{ source_table('salesforce', 'account') }}
    where
        coalesce(_fivetran_active, true)
        and not coalesce(is_deleted, false)
        and not coalesce(_fivetran_deleted, false)
),

merged_accounts as (
    select * from {{ ref('salesforce_merged_accounts') }}
),

final as (
    select
        accounts.id as alias_id,
        accounts.external_id,
        {{ domain_of('accounts.website') }} as domain,
        accounts.name
    from accounts
    left join merged_accounts on accounts.id = merged_accounts.alias_id
    where merged_accounts.alias_id is null
)

select * from final
