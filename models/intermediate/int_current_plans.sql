-- Grain: one row per account with an active subscription period on as_of_date
-- (account_id): its plan on that day.
with subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

-- an `is_trial` period of a former customer counts for no metric (rule 76)
current_plans as (
    select
        subscription_periods.account_id,
        {{ leading_plan('subscription_periods') }} as current_plan
    from subscription_periods
    where
        {{ is_active_on('subscription_periods', as_of_date()) }}
        and (not subscription_periods.is_trial or subscription_periods.counts_as_trial)
    group by subscription_periods.account_id
)

select * from current_plans
