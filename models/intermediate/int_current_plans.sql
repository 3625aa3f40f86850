-- Grain: one row per account with a subscription period that runs on as_of_date
-- (account_id): its plan on that day.
with subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

current_plans as (
    select
        subscription_periods.account_id,
        {{ leading_plan('subscription_periods') }} as current_plan
    from subscription_periods
    where {{ is_active_on('subscription_periods', as_of_date()) }}
    group by subscription_periods.account_id
)

select * from current_plans
