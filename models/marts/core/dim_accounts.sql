-- Grain: one row per account (account_id).
with accounts as (
    select * from {{ ref('int_accounts') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

current_plans as (
    select
        subscription_periods.account_id,
        {{ leading_plan('subscription_periods') }} as current_plan
    from subscription_periods
    where {{ runs_on('subscription_periods', as_of_date()) }}
    group by subscription_periods.account_id
),

published as (
    select
        accounts.account_id,
        accounts.account_name,
        accounts.industry,
        accounts.country,
        accounts.employee_band,
        accounts.acquisition_channel,
        accounts.csm_owner,
        accounts.signed_up_on,
        paying_accounts.first_paid_on,
        paying_accounts.churned_on,
        current_plans.current_plan,
        coalesce(paying_accounts.current_mrr, 0) as current_mrr
    from accounts
    left join paying_accounts on accounts.account_id = paying_accounts.account_id
    left join current_plans on accounts.account_id = current_plans.account_id
)

select * from published
