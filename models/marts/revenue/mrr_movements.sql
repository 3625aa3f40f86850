-- Grain: one row per account and month in which its MRR changed (account_id,
-- date_month).
with account_movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month' and movement_type is not null
),

months as (
    select * from {{ ref('int_months') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

causes as (
    select * from {{ ref('int_movement_causes') }}
),

-- the plan is the one at the month's end; for churned accounts, the one at its start
movements as (
    select
        account_movements.account_id,
        months.date_month,
        account_movements.movement_type,
        account_movements.mrr_at_start,
        account_movements.mrr_at_end,
        account_movements.mrr_change,
        months.is_complete_month,
        case
            when account_movements.movement_type = 'churn'
                then {{ add_days('months.date_month', -1) }}
            else months.ends_on
        end as plan_on
    from account_movements
    inner join months on account_movements.period_start = months.date_month
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
            and {{ is_active_on('subscription_periods', 'movements.plan_on') }}
    group by
        movements.account_id,
        movements.date_month,
        movements.movement_type,
        movements.mrr_at_start,
        movements.mrr_at_end,
        movements.mrr_change,
        movements.is_complete_month
),

final as (
    select
        with_plan.account_id,
        with_plan.date_month,
        with_plan.movement_type,
        with_plan.mrr_at_start,
        with_plan.mrr_at_end,
        with_plan.mrr_change,
        with_plan.plan,
        causes.price_change,
        causes.seats_change,
        causes.plan_change,
        causes.discount_change,
        causes.currency_change,
        causes.other_change,
        with_plan.is_complete_month
    from with_plan
    left join causes
        on
            with_plan.account_id = causes.account_id
            and with_plan.date_month = causes.date_month
)

select * from final
