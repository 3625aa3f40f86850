-- Grain: one row per acquisition channel and account that ever paid
-- (acquisition_channel, account_id): its own channel, and `all`.
with paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

by_channel as (
    select
        paying_accounts.account_id,
        coalesce(accounts.acquisition_channel, 'unknown') as acquisition_channel,
        {{ month_of('paying_accounts.first_paid_on') }} as cohort_month,
        paying_accounts.first_mrr
    from paying_accounts
    inner join accounts on paying_accounts.account_id = accounts.account_id
),

-- a channel may be named so, too: its accounts are in `all` once
members as (
    select * from by_channel
    union
    select
        account_id,
        'all' as acquisition_channel,
        cohort_month,
        first_mrr
    from by_channel
)

select * from members
