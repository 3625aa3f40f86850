-- Grain: one row per account, kind of alert and day raised (account_id, alert_type,
-- raised_on), of the last event_months: detractor, invoice_overdue.
{% set thresholds = var('alert_thresholds') %}
with nps_answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

invoices as (
    select * from {{ ref('int_invoices') }}
    where not is_void
),

-- what happened to one account on one day is one alert
detractors as (
    select
        account_id,
        'detractor' as alert_type,
        responded_on as raised_on,
        'medium' as severity,
        responded_on
        > {{ add_days(as_of_date(), -thresholds.detractor_open_days) }} as is_open,
        {{ pluralize('count(*)', 'detractor') }}
        || ' answered on ' || cast(responded_on as string)
        || case when count(*) = 1 then ', score ' else ', lowest score ' end
        || cast(min(score) as string) || '.' as detail
    from nps_answers
    where {{ nps_segment('score') }} = 'detractor'
    group by account_id, responded_on
),

-- paid on its due date is in time
late_invoices as (
    select
        account_id,
        due_on,
        {{ add_days('due_on', 1) }} as raised_on,
        amount,
        paid_from,
        case when paid_from is null then amount end as unpaid_amount
    from invoices
    where
        due_on < {{ as_of_date() }}
        and coalesce(paid_from, {{ no_end_date() }}) > due_on
),

late_invoices_by_day as (
    select
        account_id,
        due_on,
        raised_on,
        count(*) as late_invoices,
        count(unpaid_amount) as unpaid_invoices,
        sum(amount) as amount,
        sum(unpaid_amount) as unpaid_amount,
        max(paid_from) as last_paid_on
    from late_invoices
    group by account_id, due_on, raised_on
),

overdue_invoices as (
    select
        account_id,
        'invoice_overdue' as alert_type,
        raised_on,
        case when unpaid_invoices > 0 then 'high' else 'medium' end as severity,
        unpaid_invoices > 0 as is_open,
        {{ pluralize('late_invoices', 'invoice') }}
        || ' of ' || {{ money_text('amount') }} || ' due on ' || cast(due_on as string)
        || case
            when unpaid_invoices = 0
                then ', paid late, on ' || cast(last_paid_on as string)
            else
                case
                    when unpaid_invoices = late_invoices then ', unpaid for '
                    else
                        ', of which ' || {{ money_text('unpaid_amount') }}
                        || ' unpaid for '
                end
                || {{ pluralize(days_between('due_on', as_of_date()), 'day') }}
        end
        || '.' as detail
    from late_invoices_by_day
),

raised as (
    select * from detractors
    union all
    select * from overdue_invoices
),

-- what was raised longer ago is history
recent as (
    select *
    from raised
    where raised_on > {{ add_months(as_of_date(), -thresholds.event_months) }}
)

select * from recent
