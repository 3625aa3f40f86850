-- Grain: one row per account (account_id), as of as_of_date.
with accounts as (
    select * from {{ ref('dim_accounts') }}
),

login_days as (
    select
        account_id,
        last_login_on
    from {{ ref('int_accounts') }}
),

account_health as (
    select * from {{ ref('account_health') }}
    where date_month = {{ month_of(as_of_date()) }}
),

account_activity as (
    select * from {{ ref('account_activity') }}
    where date_month = {{ month_of(as_of_date()) }}
),

lifetime_values as (
    select * from {{ ref('customer_lifetime_value') }}
),

nps_answers as (
    select * from {{ ref('int_latest_answers') }}
    where survey_type = 'nps'
),

csat_answers as (
    select * from {{ ref('int_latest_answers') }}
    where survey_type = 'csat'
),

renewal_calendar as (
    select * from {{ ref('renewal_calendar') }}
),

scheduled_cancellations as (
    select * from {{ ref('int_scheduled_cancellations') }}
),

account_alerts as (
    select * from {{ ref('account_alerts') }}
    where is_open
),

support_tickets as (
    select * from {{ ref('int_support_tickets') }}
    where closed_on is null
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

referrals as (
    select * from {{ ref('int_referrals') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

account_notes as (
    select * from {{ ref('int_account_notes') }}
),

next_renewals as (
    select
        account_id,
        min(due_on) as next_renewal_on
    from renewal_calendar
    group by account_id
),

open_alerts as (
    select
        account_id,
        count(*) as open_alerts
    from account_alerts
    group by account_id
),

open_tickets as (
    select
        account_id,
        count(*) as open_tickets
    from support_tickets
    group by account_id
),

overdue_invoices as (
    select
        invoices.account_id,
        count(*) as overdue_invoices
    from invoices
    where {{ is_overdue_on('invoices', as_of_date()) }}
    group by invoices.account_id
),

referral_counts as (
    select
        account_id,
        count(*) as referrals
    from referrals
    group by account_id
),

latest_notes as (
    select * from account_notes
    where is_latest
),

latest_pulses as (
    select * from account_notes
    where is_latest_pulse
),

-- no rows mean zero where the source is delivered, and unknown where it is not
final as (
    select
        accounts.account_id,
        accounts.is_inferred,
        accounts.account_name,
        accounts.industry,
        accounts.country,
        accounts.employee_band,
        accounts.acquisition_channel,
        accounts.csm_owner,
        accounts.signed_up_on,
        accounts.first_paid_on,
        accounts.churned_on,
        accounts.current_plan,
        accounts.current_mrr,
        accounts.lifecycle_stage,
        account_health.health_score,
        account_health.health_band,
        account_health.top_driver,
        nps_answers.score as latest_nps_score,
        {{ nps_segment('nps_answers.score') }} as nps_segment,
        csat_answers.score as latest_csat,
        account_activity.active_users,
        account_activity.provisioned_users,
        account_activity.login_ratio,
        login_days.last_login_on,
        account_activity.features_used,
        lifetime_values.tenure_months,
        lifetime_values.revenue_to_date,
        lifetime_values.survival_clv,
        next_renewals.next_renewal_on,
        scheduled_cancellations.cancellation_scheduled_on,
        coalesce(open_alerts.open_alerts, 0) as open_alerts,
        case
            when available_sources.has_support_tickets
                then coalesce(open_tickets.open_tickets, 0)
        end as open_tickets,
        case
            when available_sources.has_invoices
                then coalesce(overdue_invoices.overdue_invoices, 0)
        end as overdue_invoices,
        case
            when available_sources.has_referrals
                then coalesce(referral_counts.referrals, 0)
        end as referrals,
        latest_notes.noted_on as last_note_on,
        latest_pulses.csm_pulse,
        latest_notes.author as note_author,
        latest_notes.risk_reason,
        latest_notes.next_step
    from accounts
    cross join available_sources
    left join login_days on accounts.account_id = login_days.account_id
    left join account_health on accounts.account_id = account_health.account_id
    left join account_activity on accounts.account_id = account_activity.account_id
    left join lifetime_values on accounts.account_id = lifetime_values.account_id
    left join nps_answers on accounts.account_id = nps_answers.account_id
    left join csat_answers on accounts.account_id = csat_answers.account_id
    left join next_renewals on accounts.account_id = next_renewals.account_id
    left join scheduled_cancellations
        on accounts.account_id = scheduled_cancellations.account_id
    left join open_alerts on accounts.account_id = open_alerts.account_id
    left join open_tickets on accounts.account_id = open_tickets.account_id
    left join overdue_invoices on accounts.account_id = overdue_invoices.account_id
    left join referral_counts on accounts.account_id = referral_counts.account_id
    left join latest_notes on accounts.account_id = latest_notes.account_id
    left join latest_pulses on accounts.account_id = latest_pulses.account_id
)

select * from final
