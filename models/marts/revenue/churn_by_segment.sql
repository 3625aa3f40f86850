-- Grain: one row per month, kind of segment and segment (date_month, segment_type,
-- segment_value), where it had customers at the month's start.
with segment_counts as (
    select * from {{ ref('int_segment_counts') }}
    where
        customers > 0
        and segment_type in (
            'plan', 'industry', 'country', 'employee_band', 'acquisition_channel'
        )
),

final as (
    select
        date_month,
        segment_type,
        segment_value,
        customers as customers_at_start,
        churned_customers,
        {{ ratio('churned_customers', 'customers') }} as churn_rate,
        {{ wilson_bound('churned_customers', 'customers', 'lower') }}
            as churn_rate_lower,
        {{ wilson_bound('churned_customers', 'customers', 'upper') }}
            as churn_rate_upper,
        {{ is_small_sample('customers') }} as is_small_sample,
        cast(mrr as decimal(18, 4)) as mrr_at_start,
        cast(churned_mrr as decimal(18, 4)) as churned_mrr,
        is_complete_month
    from segment_counts
)

select * from final
