-- Grain: one row per account and month with a change in the ledger (account_id,
-- date_month): the MRR at both ends of the month. An open month ends at as_of_date.
with ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

months as (
    select
        account_id,
        {{ month_of('date_day') }} as date_month,
        max_by(mrr_balance, date_day) as mrr_at_end,
        max(date_day) as last_change_on
    from ledger
    group by account_id, {{ month_of('date_day') }}
),

-- a month without a row ends as the one before it
with_start as (
    select
        account_id,
        date_month,
        coalesce(
            lag(mrr_at_end) over by_account, cast(0 as decimal(18, 4))
        ) as mrr_at_start,
        mrr_at_end,
        last_change_on,
        lead(date_month) over by_account as next_change_month
    from months
    window by_account as (partition by account_id order by date_month)
)

select * from with_start
