-- Grain: one row per account, kind of alert and day raised (account_id, alert_type,
-- raised_on): detractor, and invoice_overdue for each unbroken run of days on which an
-- invoice is overdue; of the last event_months, or still overdue.
{% set thresholds = var('alert_thresholds') %}
with nps_answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

invoices as (
    select * from {{ ref('int_invoices') }}
    where not is_void
),

-- events of one account on one day are one alert
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

-- the days on which an invoice is overdue: from the day after it was due to the one
-- before it is settled; none for one that is paid in time
overdue_invoices as (
    select
        account_id,
        due_on,
        {{ add_days('due_on', 1) }} as overdue_from,
        coalesce(settled_from, {{ no_end_date() }}) as settled_from,
        coalesce(settled_from, {{ no_end_date() }}) > {{ as_of_date() }} as is_overdue,
        amount
    from invoices
    where
        due_on < {{ as_of_date() }}
        and coalesce(settled_from, {{ no_end_date() }}) > {{ add_days('due_on', 1) }}
),

with_earlier as (
    select
        *,
        max(settled_from) over (
            partition by account_id
            order by overdue_from
            rows between unbounded preceding and 1 preceding
        ) as earlier_settled_from
    from overdue_invoices
),

-- a run continues as long as some invoice is overdue on every day: a new one begins
-- after a gap of a day
with_run as (
    select
        *,
        -- several that begin on one day are one step: a range frame, not rows
        sum(case when overdue_from <= earlier_settled_from then 0 else 1 end) over (
            partition by account_id
            order by overdue_from
            range between unbounded preceding and current row
        ) as run_number
    from with_earlier
),

overdue_runs as (
    select
        account_id,
        run_number,
        min(overdue_from) as overdue_from,
        {{ add_days('max(settled_from)', -1) }} as overdue_to,
        count(*) as invoices,
        sum(amount) as amount,
        count(case when is_overdue then amount end) as overdue_invoices,
        sum(case when is_overdue then amount end) as overdue_amount,
        min(case when is_overdue then due_on end) as oldest_due_on
    from with_run
    group by account_id, run_number
),

-- however many invoices, it is one conversation with the payer
invoices_overdue as (
    select
        account_id,
        'invoice_overdue' as alert_type,
        overdue_from as raised_on,
        case when overdue_invoices > 0 then 'high' else 'medium' end as severity,
        overdue_invoices > 0 as is_open,
        {{ pluralize('invoices', 'invoice') }}
        || ' of ' || {{ money_text('amount') }}
        || case
            when overdue_invoices = 0
                then
                    ' overdue from ' || cast(overdue_from as string)
                    || ' to ' || cast(overdue_to as string)
            else
                ' overdue since ' || cast(overdue_from as string)
                || case
                    when overdue_invoices = invoices then ', now by '
                    else
                        '; still overdue: '
                        || {{ pluralize('overdue_invoices', 'invoice') }}
                        || ' of ' || {{ money_text('overdue_amount') }} || ', by '
                end
                || case when overdue_invoices = 1 then '' else 'up to ' end
                || {{ pluralize(days_between('oldest_due_on', as_of_date()), 'day') }}
        end
        || '.' as detail
    from overdue_runs
),

raised as (
    select * from detractors
    union all
    select * from invoices_overdue
),

-- alerts raised longer ago are not listed, except invoices that are still overdue
recent as (
    select *
    from raised
    where
        raised_on > {{ add_months(as_of_date(), -thresholds.event_months) }}
        or (alert_type = 'invoice_overdue' and is_open)
)

select * from recent
