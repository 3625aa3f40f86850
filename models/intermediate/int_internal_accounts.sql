-- Grain: one row per internal account (account_id): in no figure.
with accounts as (
    select * from {{ ref('stg_accounts') }}
),

-- a row that is dated after as_of_date is not used, nor is what it says of being
-- internal
internal as (
    select account_id
    from accounts
    where is_internal and signed_up_on <= {{ as_of_date() }}
)

select * from internal
