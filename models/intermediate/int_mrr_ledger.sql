-- Grain: one row per account and day on which its MRR changed (account_id, date_day).
-- Every MRR balance comes from here; it grows with the changes, not with accounts ×
-- months.
with periods as (
    select * from {{ ref('int_subscription_periods') }}
    where mrr > 0
),

changes as (
    select
        account_id,
        started_on as date_day,
        mrr as mrr_change
    from periods
    union all
    select
        account_id,
        ended_on as date_day,
        -mrr as mrr_change
    from periods
    where ended_on <= {{ as_of_date() }}
),

-- changes of one day net; a net of zero is no change
netted as (
    select
        account_id,
        date_day,
        cast(sum(mrr_change) as decimal(18, 4)) as mrr_change
    from changes
    group by account_id, date_day
    having sum(mrr_change) <> 0
),

balanced as (
    select
        account_id,
        date_day,
        mrr_change,
        cast(
            sum(mrr_change) over (
                partition by account_id
                order by date_day
                rows between unbounded preceding and current row
            ) as decimal(18, 4)
        ) as mrr_balance,
        -- the balance stands until the day before
        lead(date_day) over (partition by account_id order by date_day)
            as next_change_on
    from netted
)

select * from balanced
