-- Grain: one row per account, kind of alert and day raised (account_id, alert_type,
-- raised_on).
with alerts as (
    select * from {{ ref('int_monthly_alerts') }}
    union all
    select * from {{ ref('int_standing_alerts') }}
    union all
    select * from {{ ref('int_event_alerts') }}
    union all
    select * from {{ ref('int_pulse_alerts') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

playbooks as (
    select * from {{ ref('playbooks') }}
),

-- a cancellation puts at risk what the account pays today; every other alert what it
-- paid on the day raised
dated as (
    select
        *,
        case
            when alert_type = 'cancellation_scheduled' then {{ as_of_date() }}
            else raised_on
        end as mrr_on
    from alerts
),

-- a former customer needs no call, but still owes unpaid invoices; an account that
-- never paid can still be won
final as (
    select
        dated.account_id,
        dated.alert_type,
        dated.raised_on,
        dated.account_id || '|' || dated.alert_type || '|'
        || cast(dated.raised_on as string) as alert_id,
        dated.severity,
        dated.is_open
        and (
            dated.alert_type = 'invoice_overdue'
            or coalesce(paying_accounts.is_paying, true)
        ) as is_open,
        dated.detail,
        playbooks.action as recommended_action,
        {{ add_hours('cast(dated.raised_on as timestamp)', 'playbooks.due_hours') }}
            as due_at,
        coalesce(ledger.mrr_balance, 0) as mrr_at_risk
    from dated
    left join paying_accounts on dated.account_id = paying_accounts.account_id
    left join playbooks on dated.alert_type = playbooks.trigger
    left join ledger
        on
            dated.account_id = ledger.account_id
            and {{ is_effective_on('ledger', 'dated.mrr_on') }}
)

select * from final
