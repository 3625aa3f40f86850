-- Grain: one row per account, kind of alert and day raised (account_id, alert_type,
-- raised_on), for conditions that hold on as_of_date: inactive, onboarding_stalled,
-- renewal_at_risk, cancellation_scheduled.
{% set thresholds = var('alert_thresholds') %}
with accounts as (
    select * from {{ ref('int_accounts') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
    where is_paying
),

onboarding as (
    select * from {{ ref('int_onboarding') }}
    where is_stalled
),

health_at_risk as (
    select
        account_id,
        ends_on,
        health_band,
        coalesce(previous_health_band in ('red', 'yellow'), false) as goes_on
    from {{ ref('int_health_changes') }}
    where health_band in ('red', 'yellow')
),

renewals as (
    select * from {{ ref('int_renewals') }}
    where is_open
),

scheduled_cancellations as (
    select * from {{ ref('int_scheduled_cancellations') }}
),

-- inactivity counts from the last login, but only while the account pays
quiet_accounts as (
    select
        paying_accounts.account_id,
        paying_accounts.paying_since_on,
        accounts.last_login_on,
        greatest(
            coalesce(accounts.last_login_on, paying_accounts.paying_since_on),
            paying_accounts.paying_since_on
        ) as quiet_since_on
    from paying_accounts
    inner join accounts on paying_accounts.account_id = accounts.account_id
),

inactive as (
    select
        account_id,
        'inactive' as alert_type,
        {{ add_days('quiet_since_on', thresholds.inactive_days) }} as raised_on,
        'high' as severity,
        case
            when last_login_on is null then 'No login yet, paying since '
            when last_login_on < paying_since_on
                then
                    'No login since ' || cast(last_login_on as string)
                    || ', paying since '
            else 'No login since '
        end
        || cast(quiet_since_on as string) || ', '
        || {{ pluralize(days_between('quiet_since_on', as_of_date()), 'day') }}
        || ' ago.' as detail
    from quiet_accounts
    where
        {{ days_between('quiet_since_on', as_of_date()) }}
        >= {{ thresholds.inactive_days }}
),

stalled_onboarding as (
    select
        account_id,
        'onboarding_stalled' as alert_type,
        stalled_from_on as raised_on,
        'medium' as severity,
        'No value moment yet on day ' || cast(days_since_start as string)
        || ' since ' || cast(first_day_on as string) || ', '
        || cast(points_earned as string)
        || ' of ' || {{ pluralize('points_possible', 'onboarding point') }}
        || ' earned.' as detail
    from onboarding
),

-- the current run began after the last month outside a run
risk_runs as (
    select
        account_id,
        max(case when not goes_on then ends_on end) as began_on,
        max(case when ends_on = {{ as_of_date() }} then health_band end) as health_band
    from health_at_risk
    group by account_id
),

-- a due date on which the account is cancelled is not a renewal to save: the
-- cancellation is its own alert (rule 77)
renewals_at_risk as (
    select
        renewals.account_id,
        renewals.due_on,
        renewals.mrr,
        risk_runs.health_band,
        risk_runs.began_on,
        greatest(
            {{ add_days('renewals.due_on', -var('renewal_window_days')) }},
            renewals.started_on,
            risk_runs.began_on
        ) as raised_on
    from renewals
    inner join risk_runs
        on
            renewals.account_id = risk_runs.account_id
            and risk_runs.health_band is not null
    left join scheduled_cancellations
        on renewals.account_id = scheduled_cancellations.account_id
    where
        renewals.due_on
        <> coalesce(
            scheduled_cancellations.cancellation_scheduled_on, {{ no_end_date() }}
        )
),

-- several terms raised on one day are one alert
renewals_by_day as (
    select
        account_id,
        'renewal_at_risk' as alert_type,
        raised_on,
        case when health_band = 'red' then 'high' else 'medium' end as severity,
        {{ pluralize('count(*)', 'term') }}
        || ' of ' || {{ money_text('sum(mrr)') }} || ' MRR due'
        || case when count(*) = 1 then ' on ' else ' from ' end
        || cast(min(due_on) as string) || case when count(*) = 1 then '' else ' on' end
        || '; ' || health_band
        || ' now, red or yellow since ' || cast(began_on as string) || '.' as detail
    from renewals_at_risk
    group by account_id, raised_on, health_band, began_on
),

with_days_left as (
    select
        scheduled_cancellations.*,
        paying_accounts.current_mrr,
        {{ days_between(as_of_date(), 'cancellation_scheduled_on') }} as days_left
    from scheduled_cancellations
    inner join paying_accounts
        on scheduled_cancellations.account_id = paying_accounts.account_id
),

cancellations_scheduled as (
    select
        account_id,
        'cancellation_scheduled' as alert_type,
        greatest(
            {{ add_days('cancellation_scheduled_on', -var('renewal_window_days')) }},
            started_on
        ) as raised_on,
        'high' as severity,
        'Cancelled for ' || cast(cancellation_scheduled_on as string)
        || ', in ' || {{ pluralize('days_left', 'day') }}
        || '; all of its ' || {{ money_text('current_mrr') }} || ' MRR ends by then'
        || case when has_cancel_reason then ', reason: ' || cancel_reason else '' end
        || '.' as detail
    from with_days_left
    where days_left <= {{ var('renewal_window_days') }}
),

raised as (
    select * from inactive
    union all
    select * from stalled_onboarding
    union all
    select * from renewals_by_day
    union all
    select * from cancellations_scheduled
),

with_state as (
    select
        account_id,
        alert_type,
        raised_on,
        severity,
        true as is_open,
        detail
    from raised
)

select * from with_state
