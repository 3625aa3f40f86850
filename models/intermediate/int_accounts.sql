-- Grain: one row per account that signed up, or has in-scope activity, by as_of_date
-- (account_id). Where accounts are delivered, an account that other rows name without
-- an accepted row of its own is inferred (rule 74).
with accounts as (
    select * from {{ ref('stg_accounts') }}
    where signed_up_on <= {{ as_of_date() }} and not is_internal
),

known_accounts as (
    select account_id from {{ ref('stg_accounts') }}
),

set_aside as (
    select * from {{ ref('stg_accounts_set_aside') }}
    where coalesce(signed_up_on <= {{ as_of_date() }}, true)
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
),

users as (
    select * from {{ ref('int_users') }}
),

survey_answers as (
    select * from {{ ref('int_survey_answers') }}
),

support_tickets as (
    select * from {{ ref('int_support_tickets') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

referrals as (
    select * from {{ ref('int_referrals') }}
),

account_notes as (
    select * from {{ ref('int_account_notes') }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

seen as (
    select account_id from accounts
    union
    select account_id from subscription_periods
    union
    select account_id from user_days
    union
    select account_id from users
    union
    select account_id from survey_answers
    union
    select account_id from support_tickets
    union
    select account_id from invoices
    union
    select account_id from account_notes
    union
    select account_id from referrals
    union
    select referrals.referred_account_id
    from referrals
    left join internal_accounts
        on referrals.referred_account_id = internal_accounts.account_id
    cross join available_sources
    left join known_accounts
        on referrals.referred_account_id = known_accounts.account_id
    where
        referrals.referred_account_id is not null
        and internal_accounts.account_id is null
        -- being referred infers no account
        and (
            known_accounts.account_id is not null
            or not available_sources.has_accounts
        )
),

-- from its own row, else from one that was deleted at the source
attributes as (
    select
        account_id,
        account_name,
        industry,
        country,
        employees,
        acquisition_channel,
        csm_owner,
        segments,
        signed_up_on
    from accounts
    union all
    select
        account_id,
        account_name,
        industry,
        country,
        employees,
        acquisition_channel,
        csm_owner,
        segments,
        signed_up_on
    from set_aside
),

first_periods as (
    select
        account_id,
        coalesce(
            min(case when counts_as_trial then started_on end), min(started_on)
        ) as first_period_on
    from subscription_periods
    group by account_id
),

login_days as (
    select
        account_id,
        min(date_day) as first_login_on,
        max(date_day) as last_login_on
    from user_days
    where is_active
    group by account_id
),

-- an account's first day: its sign-up, else its first trial, else its first period
described as (
    select
        seen.account_id,
        known_accounts.account_id is null and available_sources.has_accounts
            as is_inferred,
        attributes.account_name,
        coalesce(attributes.industry, 'unknown') as industry,
        coalesce(attributes.country, 'unknown') as country,
        {{ employee_band('attributes.employees') }} as employee_band,
        coalesce(attributes.acquisition_channel, 'unknown') as acquisition_channel,
        {{ owner_name('attributes.csm_owner') }} as csm_owner,
        attributes.segments,
        attributes.signed_up_on,
        coalesce(attributes.signed_up_on, first_periods.first_period_on)
            as first_day_on,
        login_days.first_login_on,
        login_days.last_login_on
    from seen
    cross join available_sources
    left join known_accounts on seen.account_id = known_accounts.account_id
    left join attributes on seen.account_id = attributes.account_id
    left join first_periods on seen.account_id = first_periods.account_id
    left join login_days on seen.account_id = login_days.account_id
)

select * from described
