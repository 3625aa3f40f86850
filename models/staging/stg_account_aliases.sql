-- Grain: one row per accepted alias of an account (source, alias_id).
with base as (
    select * from {{ ref('base_account_aliases') }}
),

accepted as (
    select
        source,
        alias_id,
        account_id
    from base
    where rejection_reason is null
)

select * from accepted
