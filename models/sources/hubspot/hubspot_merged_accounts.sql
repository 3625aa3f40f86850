-- Grain: one row per company that was merged into another (alias_id).
{{ config(enabled=source_gives('hubspot', ['accounts', 'support_tickets', 'surveys', 'users'])) }}
with companies as (
    select * from {{ source_table('hubspot', 'company') }}
),

merged as (
    {{ split_rows('companies', ['id'], 'property_hs_merged_object_ids', ';') }}
),

-- a company that was itself merged later names its own; the last one names them all
final as (
    select
        merged.part as alias_id,
        min(merged.id) as account_id
    from merged
    left join merged as later on merged.id = later.part
    where merged.part <> merged.id and later.part is null
    group by merged.part
)

select * from final
