-- Grain: one row per company that was merged into another (alias_id).
{{ config(
    enabled=source_gives('hubspot', ['accounts', 'support_tickets', 'surveys', 'users'])
) }}
with companies as (
    select * from {{ source_table('hubspot', 'company') }}
),

listed as (
    {{ split_rows('companies', ['id'], 'property_hs_merged_object_ids', ';') }}
),

merged as (
    select * from listed
    where part <> id
),

-- a company that was itself merged later names its own; the last one names them all
final as (
    select
        merged.part as alias_id,
        min(merged.id) as account_id
    from merged
    left join merged as later on merged.id = later.part
    where later.part is null
    group by merged.part
)

select * from final
