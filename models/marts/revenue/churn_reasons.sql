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

-- who goes on on a free plan, whatever reason was given
gone_free as (
    select distinct
        churned.account_id,
        churned.period_start
    from churned
    inner join subscription_periods
        on
            churned.account_id = subscription_periods.account_id
            and not subscription_periods.is_trial
            and subscription_periods.mrr = 0
            and {{ is_active_on('subscription_periods', 'churned.last_change_on') }}
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
                subscription_periods.subscription_id
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
            when gone_free.account_id is not null then 'freemium'
            else last_paid_periods.cancel_reason
        end as churn_reason,
        churned.mrr_at_start
    from churned
    inner join months on churned.period_start = months.date_month
    inner join last_paid_periods
        on
            churned.account_id = last_paid_periods.account_id
            and churned.period_start = last_paid_periods.period_start
    left join gone_free
        on
            churned.account_id = gone_free.account_id
            and churned.period_start = gone_free.period_start
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
        churn_reason <> 'payment_failure' as is_voluntary,
        is_complete_month
    from counted
)

select * from final
