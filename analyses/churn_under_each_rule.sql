-- What would churn be under each vendor's rule, the latest complete month first?
-- `dbt compile --select churn_under_each_rule`, or `dbt show`.
with variants as (
    select * from {{ ref('churn_variants') }}
    where is_complete_month
),

side_by_side as (
    select
        date_month,
        max(case when churn_rule = 'start_of_period' then base_customers end)
            as customers_at_start,
        max(case when churn_rule = 'start_of_period' then churned_customers end)
            as churned_customers,
        max(case when churn_rule = 'start_of_period' then churn_rate end) as ours,
        max(case when churn_rule = 'trailing_30_days_plus_new' then churn_rate end)
            as trailing_30_days_plus_new,
        max(case when churn_rule = 'include_new_and_lost' then churn_rate end)
            as include_new_and_lost,
        max(case when churn_rule = 'annualised' then churn_rate end) as annualised
    from variants
    group by date_month
)

select * from side_by_side
order by date_month desc
