-- Grain: one row per account (account_id): its lifecycle stage on as_of_date.
{% set loyal_from_months = 12 %}
with accounts as (
    select * from {{ ref('int_accounts') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
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

accounts_on_trial as (
    select distinct account_id
    from trials
    where ended_on is null
),

accounts_in_renewal as (
    select distinct account_id
    from renewals
),

-- the definition of a lifecycle stage: the first match wins (rule 33)
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
)

select * from staged
