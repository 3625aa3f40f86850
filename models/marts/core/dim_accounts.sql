-- Grain: one row per account (account_id).
{% set loyal_from_months = 12 %}
with accounts as (
    select * from {{ ref('int_accounts') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

trials as (
    select * from {{ ref('int_trials') }}
),

account_health as (
    select * from {{ ref('int_account_health') }}
    where ends_on = {{ as_of_date() }}
),

renewals as (
    select * from {{ ref('int_renewals') }}
    where is_open
),

nps_answers as (
    select * from {{ ref('int_latest_answers') }}
    where survey_type = 'nps'
),

current_plans as (
    select
        subscription_periods.account_id,
        {{ leading_plan('subscription_periods') }} as current_plan
    from subscription_periods
    where {{ is_active_on('subscription_periods', as_of_date()) }}
    group by subscription_periods.account_id
),

accounts_on_trial as (
    select distinct account_id
    from trials
    where ended_on is null
),

accounts_in_renewal as (
    select distinct account_id
    from renewals
),

-- the definition of a lifecycle stage: the first that fits (rule 33)
staged as (
    select
        accounts.account_id,
        case
            when
                not coalesce(paying_accounts.is_paying, false)
                and accounts_on_trial.account_id is not null
                then 'trial'
            when paying_accounts.account_id is null then 'prospect'
            when not paying_accounts.is_paying then 'churned'
            when {{ as_of_date() }} < paying_accounts.established_on then 'onboarding'
            when account_health.health_band = 'red' then 'at_risk'
            when accounts_in_renewal.account_id is not null then 'renewal'
            when
                paying_accounts.tenure_months >= {{ loyal_from_months }}
                and {{ nps_segment('nps_answers.score') }} = 'promoter'
                then 'loyal'
            else 'retained'
        end as lifecycle_stage
    from accounts
    left join paying_accounts on accounts.account_id = paying_accounts.account_id
    left join accounts_on_trial on accounts.account_id = accounts_on_trial.account_id
    left join account_health on accounts.account_id = account_health.account_id
    left join
        accounts_in_renewal
        on accounts.account_id = accounts_in_renewal.account_id
    left join nps_answers on accounts.account_id = nps_answers.account_id
),

final as (
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
        coalesce(paying_accounts.current_mrr, 0) as current_mrr,
        staged.lifecycle_stage
    from accounts
    inner join staged on accounts.account_id = staged.account_id
    left join paying_accounts on accounts.account_id = paying_accounts.account_id
    left join current_plans on accounts.account_id = current_plans.account_id
)

select * from final
