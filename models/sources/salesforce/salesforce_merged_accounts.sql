-- Grain: one row per account that was merged into another (alias_id).
{{ config(enabled=source_gives('salesforce', ['accounts', 'subscriptions'])) }}
with accounts as (
    select
        id,
        master_record_id
    from {{ source_table('salesforce', 'account') }}
    where coalesce(_fivetran_active, true)
),

merged as (
    select * from accounts
    where master_record_id is not null and master_record_id <> id
),

-- the account that is left may have been merged itself, and so may that one
final as (
    select
        merged.id as alias_id,
        coalesce(
            third.master_record_id, second.master_record_id, merged.master_record_id
        ) as account_id
    from merged
    left join merged as second on merged.master_record_id = second.id
    left join merged as third on second.master_record_id = third.id
)

select * from final
