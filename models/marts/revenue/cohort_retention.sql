-- Grain: one row per month in which accounts first paid and month since (cohort_month,
-- months_since_start), to the month of as_of_date.
with cohort_balances as (
    select * from {{ ref('int_cohort_balances') }}
    where acquisition_channel = 'all'
),

final as (
    select
        cohort_month,
        cast(
            {{ month_number('date_month') }} - {{ month_number('cohort_month') }}
            as bigint
        ) as months_since_start,
        cohort_customers,
        retained_customers,
        {{ ratio('retained_customers', 'cohort_customers') }}
            as customer_retention_rate,
        cohort_mrr,
        retained_mrr,
        {{ ratio('retained_mrr', 'cohort_mrr') }} as mrr_retention_rate,
        is_complete_month
    from cohort_balances
)

select * from final
