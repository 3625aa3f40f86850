-- Grain: one row per month of the report (date_month).
with accounts as (
    select * from {{ ref('mrr_reconciliation') }}
),

final as (
    select
        date_month,
        min(basis) as basis,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        cast(sum(mrr_reported) as decimal(18, 4)) as mrr_reported,
        cast(sum(difference) as decimal(18, 4)) as difference,
        count(case when abs(difference) > 0.05 then 1 end) as accounts_that_differ,
        {{ ratio(
            'sum(case when abs(difference) <= 0.05 then greatest(mrr, mrr_reported) else 0'
            ~ ' end)',
            'sum(greatest(mrr, mrr_reported))'
        ) }} as share_that_agrees,
        {{ ratio(
            "sum(case when coalesce(likely_cause, '') not in ('other', 'missing_here',"
            ~ " 'missing_in_report') then greatest(mrr, mrr_reported) else 0 end)",
            'sum(greatest(mrr, mrr_reported))'
        ) }} as share_explained,
        bool_and(is_complete_month) as is_complete_month
    from accounts
    group by date_month
)

select * from final
