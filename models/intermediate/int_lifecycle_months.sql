-- Grain: one row per account and month (account_id, date_month), from its first day to
-- the month of as_of_date: its lifecycle stage at the month's end.
{% set loyal_from_months = 12 %}
with accounts as (
    select * from {{ ref('int_accounts') }}
),

months as (
    select * from {{ ref('int_months') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
),

trials as (
    select * from {{ ref('int_trials') }}
),

account_health as (
    select * from {{ ref('int_account_health') }}
),

due_renewals as (
    select * from {{ ref('int_due_renewals') }}
),

nps_answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

account_months as (
    select
        accounts.account_id,
        months.date_month,
        months.ends_on,
        months.is_complete_month
    from accounts
    inner join months
        on months.date_month >= {{ month_of('accounts.first_day_on') }}
),

months_on_trial as (
    select distinct
        account_months.account_id,
        account_months.date_month
    from account_months
    inner join trials
        on
            account_months.account_id = trials.account_id
            and {{ is_active_on('trials', 'account_months.ends_on') }}
),

months_in_renewal as (
    select distinct
        account_id,
        date_month
    from due_renewals
),

-- complete months with MRR so far
tenures as (
    select
        account_id,
        date_month,
        sum(case when is_complete_month then 1 else 0 end) over (
            partition by account_id
            order by date_month
            rows between unbounded preceding and current row
        ) as tenure_months
    from paying_months
),

-- an answer of any respondent is the latest until the next one
answer_spans as (
    select
        account_id,
        score,
        responded_on as started_on,
        lead(responded_on) over (
            partition by account_id order by responded_at, response_id
        ) as ended_on
    from nps_answers
),

latest_answers as (
    select
        account_months.account_id,
        account_months.date_month,
        answer_spans.score
    from account_months
    inner join answer_spans
        on
            account_months.account_id = answer_spans.account_id
            and {{ is_active_on('answer_spans', 'account_months.ends_on') }}
),

-- the definition of a lifecycle stage: the first match wins (rule 33)
staged as (
    select
        account_months.account_id,
        account_months.date_month,
        account_months.ends_on,
        account_months.is_complete_month,
        case
            when tenures.account_id is null and months_on_trial.account_id is not null
                then 'trial'
            when
                coalesce(paying_accounts.first_paid_on > account_months.ends_on, true)
                then 'prospect'
            when tenures.account_id is null then 'churned'
            when account_months.ends_on < paying_accounts.established_on
                then 'onboarding'
            when account_health.health_band = 'red' then 'at_risk'
            when months_in_renewal.account_id is not null then 'renewal'
            when
                tenures.tenure_months >= {{ loyal_from_months }}
                and {{ nps_segment('latest_answers.score') }} = 'promoter'
                then 'loyal'
            else 'retained'
        end as lifecycle_stage
    from account_months
    left join paying_accounts
        on account_months.account_id = paying_accounts.account_id
    left join tenures
        on
            account_months.account_id = tenures.account_id
            and account_months.date_month = tenures.date_month
    left join months_on_trial
        on
            account_months.account_id = months_on_trial.account_id
            and account_months.date_month = months_on_trial.date_month
    left join account_health
        on
            account_months.account_id = account_health.account_id
            and account_months.date_month = account_health.date_month
    left join months_in_renewal
        on
            account_months.account_id = months_in_renewal.account_id
            and account_months.date_month = months_in_renewal.date_month
    left join latest_answers
        on
            account_months.account_id = latest_answers.account_id
            and account_months.date_month = latest_answers.date_month
)

select * from staged
