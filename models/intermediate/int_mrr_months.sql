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
        max(mrr_balance) as highest_mrr
    from ledger
    group by account_id, {{ month_of('date_day') }}
),

-- a month without a row ends as the one before it
with_start as (
    select
        account_id,
        date_month,
        coalesce(
            lag(mrr_at_end) over (partition by account_id order by date_month),
            cast(0 as decimal(18, 4))
        ) as mrr_at_start,
        mrr_at_end,
        highest_mrr,
        coalesce(
            max(highest_mrr) over (
                partition by account_id
                order by date_month
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) > 0 as has_paid_before,
        lead(date_month) over (partition by account_id order by date_month)
            as next_change_month
    from months
),

-- the definition of a movement; null: the month's changes undid each other
classified as (
    select
        account_id,
        date_month,
        mrr_at_start,
        mrr_at_end,
        cast(mrr_at_end - mrr_at_start as decimal(18, 4)) as mrr_change,
        case
            when mrr_at_start = 0 and mrr_at_end > 0 and not has_paid_before then 'new'
            when mrr_at_start = 0 and mrr_at_end > 0 then 'reactivation'
            when mrr_at_start > 0 and mrr_at_end = 0 then 'churn'
            when mrr_at_end > mrr_at_start then 'expansion'
            when mrr_at_end < mrr_at_start then 'contraction'
        end as movement_type,
        mrr_at_start = 0 and mrr_at_end = 0 and highest_mrr > 0 as is_new_and_lost,
        next_change_month
    from with_start
)

select * from classified
