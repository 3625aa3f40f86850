-- Grain: one row per account that ever paid (account_id): its history as a customer.
with ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

-- the number of complete months that ended while the balance was valid
with_month_ends as (
    select
        account_id,
        date_day,
        mrr_balance,
        -- the balance before it was zero
        mrr_balance = mrr_change as is_start,
        {{ month_number(
            'coalesce(next_change_on, ' ~ add_days(as_of_date(), 1) ~ ')'
        ) }} - {{ month_number('date_day') }} as month_ends
    from ledger
),

lives as (
    select
        account_id,
        min(date_day) as first_paid_on,
        min_by(mrr_balance, date_day) as first_mrr,
        max_by(mrr_balance, date_day) as current_mrr,
        max(case when mrr_balance = 0 then date_day end) as last_fall_on,
        max(case when is_start then date_day end) as last_start_on,
        cast(sum(case when mrr_balance > 0 then month_ends else 0 end) as bigint)
            as tenure_months,
        cast(sum(mrr_balance * month_ends) as decimal(18, 4)) as revenue_to_date
    from with_month_ends
    group by account_id
),

with_churn as (
    select
        account_id,
        first_paid_on,
        {{ add_days('first_paid_on', var('onboarding_days')) }} as established_on,
        first_mrr,
        case when current_mrr > 0 then last_start_on end as paying_since_on,
        case when current_mrr = 0 then last_fall_on end as churned_on,
        current_mrr > 0 as is_paying,
        current_mrr,
        tenure_months,
        revenue_to_date
    from lives
)

select * from with_churn
