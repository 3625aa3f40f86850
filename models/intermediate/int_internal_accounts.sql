-- Grain: one row per internal account (account_id): in no metric (rule 10).
with accounts as (
    select * from {{ ref('stg_accounts') }}
),

set_aside as (
    select * from {{ ref('stg_accounts_set_aside') }}
),

-- a row marks an internal account whatever its date, even if it was deleted at the
-- source; an account that is filtered out is treated the same way (rule 74)
internal as (
    select account_id
    from accounts
    where is_internal
    union
    select account_id
    from set_aside
    where is_internal or is_filtered
)

select * from internal
