-- Grain: one row per account, kind of period (month, quarter, year) and period with a
-- change in the ledger (account_id, period_grain, period_start): how its MRR moved from
-- the period's start to its end.
with mrr_months as (
    select * from {{ ref('int_mrr_months') }}
),

-- a quarter or a year starts as its first month with a change, and ends as its last
periods as (
    select
        account_id,
        'month' as period_grain,
        date_month as period_start,
        mrr_at_start,
        mrr_at_end,
        last_change_on
    from mrr_months
    {%- for grain in ('quarter', 'year') %}
    union all
    select
        account_id,
        '{{ grain }}' as period_grain,
        cast(date_trunc('{{ grain }}', date_month) as date) as period_start,
        min_by(mrr_at_start, date_month) as mrr_at_start,
        max_by(mrr_at_end, date_month) as mrr_at_end,
        max(last_change_on) as last_change_on
    from mrr_months
    group by account_id, cast(date_trunc('{{ grain }}', date_month) as date)
    {%- endfor %}
),

-- an account with an earlier change paid before: a ledger begins with MRR
with_history as (
    select
        *,
        row_number() over (
            partition by account_id, period_grain order by period_start
        ) > 1 as has_paid_before
    from periods
),

-- the definition of a movement; null: the period's changes cancelled out
classified as (
    select
        account_id,
        period_grain,
        period_start,
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
        -- with a change, but nothing at either end: it paid on some day between
        mrr_at_start = 0 and mrr_at_end = 0 as is_new_and_lost,
        last_change_on
    from with_history
)

select * from classified
