-- Grain: one row per account and month at whose end it pays (account_id, date_month).
with mrr_months as (
    select * from {{ ref('int_mrr_months') }}
    where mrr_at_end > 0
),

months as (
    select * from {{ ref('int_months') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

-- a balance is valid until the next month with a change
paying_months as (
    select
        mrr_months.account_id,
        months.date_month,
        months.ends_on,
        months.is_complete_month,
        mrr_months.mrr_at_end as mrr
    from mrr_months
    inner join months
        on
            months.date_month >= mrr_months.date_month
            and months.date_month
            < coalesce(mrr_months.next_change_month, {{ no_end_date() }})
),

with_plan as (
    select
        paying_months.account_id,
        paying_months.date_month,
        paying_months.ends_on,
        paying_months.is_complete_month,
        paying_months.mrr,
        {{ leading_plan('subscription_periods') }} as plan,
        {{ leading_interval('subscription_periods') }} as billing_interval
    from paying_months
    inner join subscription_periods
        on
            paying_months.account_id = subscription_periods.account_id
            and {{ is_active_on('subscription_periods', 'paying_months.ends_on') }}
    group by
        paying_months.account_id,
        paying_months.date_month,
        paying_months.ends_on,
        paying_months.is_complete_month,
        paying_months.mrr
)

select * from with_plan
