-- Grain: one row per account and month in which its MRR changed (account_id,
-- date_month).
with mrr_months as (
    select * from {{ ref('int_mrr_months') }}
    where movement_type is not null
),

months as (
    select * from {{ ref('int_months') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

-- the plan is the one at the month's end; of who left, the one at its start
movements as (
    select
        mrr_months.account_id,
        mrr_months.date_month,
        mrr_months.movement_type,
        mrr_months.mrr_at_start,
        mrr_months.mrr_at_end,
        mrr_months.mrr_change,
        months.is_complete_month,
        case
            when mrr_months.movement_type = 'churn'
                then {{ add_days('mrr_months.date_month', -1) }}
            else months.ends_on
        end as plan_on
    from mrr_months
    inner join months on mrr_months.date_month = months.date_month
),

with_plan as (
    select
        movements.account_id,
        movements.date_month,
        movements.movement_type,
        movements.mrr_at_start,
        movements.mrr_at_end,
        movements.mrr_change,
        {{ leading_plan('subscription_periods') }} as plan,
        movements.is_complete_month
    from movements
    left join subscription_periods
        on
            movements.account_id = subscription_periods.account_id
            and {{ runs_on('subscription_periods', 'movements.plan_on') }}
    group by
        movements.account_id,
        movements.date_month,
        movements.movement_type,
        movements.mrr_at_start,
        movements.mrr_at_end,
        movements.mrr_change,
        movements.is_complete_month
)

select * from with_plan
