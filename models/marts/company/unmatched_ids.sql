-- Grain: one row per source and id of a company that belongs to no account (source,
-- id).
with source_ids as (
    select * from {{ ref('int_source_ids') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

final as (
    select
        source_ids.source,
        source_ids.id,
        coalesce(paying_accounts.current_mrr, 0) as mrr,
        source_ids.activity,
        source_ids.first_seen_on,
        source_ids.last_seen_on
    from source_ids
    left join paying_accounts on source_ids.account_id = paying_accounts.account_id
    where not source_ids.is_matched
)

select * from final
