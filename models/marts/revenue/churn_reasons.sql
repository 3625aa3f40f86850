-- Grain: one row per month and reason for which customers left in it (date_month,
-- churn_reason).
with churned as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month' and movement_type = 'churn'
),

months as (
    select * from {{ ref('int_months') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

paid_plans_ended as (
    select distinct
        account_id,
        plan,
        ended_on
    from subscription_periods
    where mrr > 0
),

-- still an account without charge, whatever reason was given: paused if it keeps a plan
-- that it paid for until that day, else on a free plan (rule 17)
kept_without_charge as (
    select
        churned.account_id,
        churned.period_start,
        bool_or(paid_plans_ended.plan is not null) as is_paused
    from churned
    inner join subscription_periods
        on
            churned.account_id = subscription_periods.account_id
            and not subscription_periods.is_trial
            and subscription_periods.mrr = 0
            and {{ is_active_on('subscription_periods', 'churned.last_change_on') }}
    left join paid_plans_ended
        on
            subscription_periods.account_id = paid_plans_ended.account_id
            and subscription_periods.plan = paid_plans_ended.plan
            and churned.last_change_on = paid_plans_ended.ended_on
    group by churned.account_id, churned.period_start
),

last_paid_periods as (
    select
        churned.account_id,
        churned.period_start,
        max_by(
            subscription_periods.cancel_reason,
            (
                subscription_periods.ended_on,
                subscription_periods.mrr,
                subscription_periods.subscription_id,
                subscription_periods.subscription_item_id
            )
        ) as cancel_reason
    from churned
    inner join months on churned.period_start = months.date_month
    inner join subscription_periods
        on
            churned.account_id = subscription_periods.account_id
            and subscription_periods.mrr > 0
            and subscription_periods.ended_on <= months.ends_on
    group by churned.account_id, churned.period_start
),

explained as (
    select
        months.date_month,
        months.is_complete_month,
        case
            when kept_without_charge.is_paused then 'paused'
            when kept_without_charge.account_id is not null then 'freemium'
            else last_paid_periods.cancel_reason
        end as churn_reason,
        churned.mrr_at_start
    from churned
    inner join months on churned.period_start = months.date_month
    inner join last_paid_periods
        on
            churned.account_id = last_paid_periods.account_id
            and churned.period_start = last_paid_periods.period_start
    left join kept_without_charge
        on
            churned.account_id = kept_without_charge.account_id
            and churned.period_start = kept_without_charge.period_start
),

counted as (
    select
        date_month,
        churn_reason,
        count(*) as churned_customers,
        cast(sum(mrr_at_start) as decimal(18, 4)) as churned_mrr,
        is_complete_month
    from explained
    group by date_month, churn_reason, is_complete_month
),

final as (
    select
        date_month,
        churn_reason,
        churned_customers,
        churned_mrr,
        {{ ratio(
            'churned_customers', 'sum(churned_customers) over (partition by date_month)'
        ) }} as share_of_churned_customers,
        -- a customer that paused has not decided yet
        case when churn_reason <> 'paused' then churn_reason <> 'payment_failure' end
            as is_voluntary,
        is_complete_month
    from counted
)

select * from final
