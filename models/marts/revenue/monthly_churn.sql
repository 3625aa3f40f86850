-- Grain: one row per month (date_month), from the ledger's first to the one of
-- as_of_date. The definitions are in churn_by_period.
with churn_by_period as (
    select * from {{ ref('churn_by_period') }}
    where period_grain = 'month'
),

months as (
    select
        period_start as date_month,
        customers_at_start,
        new_customers,
        reactivated_customers,
        churned_customers,
        customers_at_end,
        new_and_lost_customers,
        churn_rate,
        churn_rate_lower,
        churn_rate_upper,
        is_small_sample,
        mrr_at_start,
        new_mrr,
        reactivation_mrr,
        expansion_mrr,
        contraction_mrr,
        churned_mrr,
        mrr_at_end,
        arr,
        gross_mrr_churn_rate,
        net_mrr_churn_rate,
        quick_ratio,
        is_complete_period as is_complete_month
    from churn_by_period
)

select * from months
