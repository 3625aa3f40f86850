-- Grain: one row per account and day on which its MRR changed (account_id, date_day).
with ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

final as (
    select
        account_id,
        date_day,
        mrr_change,
        mrr_balance
    from ledger
)

select * from final
