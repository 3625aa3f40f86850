-- Grain: one row per account and month (account_id, date_month), from its first day to
-- the month of as_of_date, as of the month's end.
with lifecycle_months as (
    select * from {{ ref('int_lifecycle_months') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
    where not is_trial or counts_as_trial
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
),

account_movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month'
),

account_health as (
    select * from {{ ref('int_account_health') }}
),

account_activity as (
    select * from {{ ref('account_activity') }}
),

account_attributes as (
    select * from {{ ref('int_account_attributes') }}
),

-- the terms of the period with the largest MRR, as in leading_plan
terms as (
    select
        lifecycle_months.account_id,
        lifecycle_months.date_month,
        {{ leading_plan('subscription_periods') }} as plan,
        {{ leading_interval('subscription_periods') }} as billing_interval,
        cast(sum(subscription_periods.seats) as bigint) as seats
    from lifecycle_months
    inner join subscription_periods
        on
            lifecycle_months.account_id = subscription_periods.account_id
            and {{ is_active_on('subscription_periods', 'lifecycle_months.ends_on') }}
    group by lifecycle_months.account_id, lifecycle_months.date_month
),

final as (
    select
        lifecycle_months.account_id,
        lifecycle_months.date_month,
        terms.plan,
        terms.billing_interval,
        terms.seats,
        cast(coalesce(paying_months.mrr, 0) as decimal(18, 4)) as mrr,
        cast(coalesce(account_movements.mrr_change, 0) as decimal(18, 4)) as mrr_change,
        account_movements.movement_type,
        lifecycle_months.lifecycle_stage,
        account_health.health_score,
        account_health.health_band,
        account_activity.active_users,
        account_activity.provisioned_users,
        account_activity.logins,
        account_activity.core_events,
        account_attributes.csm_owner,
        account_attributes.industry,
        account_attributes.country,
        account_attributes.employee_band,
        account_attributes.acquisition_channel,
        {{ segments_json('account_attributes.segment_') }} as segments,
        lifecycle_months.is_complete_month
    from lifecycle_months
    inner join account_attributes
        on
            lifecycle_months.account_id = account_attributes.account_id
            and {{ is_valid_on('account_attributes', 'lifecycle_months.ends_on') }}
    left join account_activity
        on
            lifecycle_months.account_id = account_activity.account_id
            and lifecycle_months.date_month = account_activity.date_month
    left join terms
        on
            lifecycle_months.account_id = terms.account_id
            and lifecycle_months.date_month = terms.date_month
    left join paying_months
        on
            lifecycle_months.account_id = paying_months.account_id
            and lifecycle_months.date_month = paying_months.date_month
    left join account_movements
        on
            lifecycle_months.account_id = account_movements.account_id
            and lifecycle_months.date_month = account_movements.period_start
    left join account_health
        on
            lifecycle_months.account_id = account_health.account_id
            and lifecycle_months.date_month = account_health.date_month
)

select * from final
