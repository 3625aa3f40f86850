-- Grain: one row per account, kind of alert and day raised (account_id, alert_type,
-- raised_on).
with raised as (
    select * from {{ ref('int_monthly_alerts') }}
    union all
    select * from {{ ref('int_standing_alerts') }}
    union all
    select * from {{ ref('int_event_alerts') }}
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

-- what a scheduled cancellation puts at risk is what the account pays today
alerts as (
    select
        *,
        case
            when alert_type = 'cancellation_scheduled' then {{ as_of_date() }}
            else raised_on
        end as mrr_on
    from raised
),

-- a former customer needs no call any more, but still owes what it did not pay; one
-- that never paid can be won yet
final as (
    select
        alerts.account_id || '|' || alerts.alert_type || '|'
        || cast(alerts.raised_on as string) as alert_id,
        alerts.account_id,
        alerts.alert_type,
        alerts.raised_on,
        alerts.severity,
        alerts.is_open
        and (
            alerts.alert_type = 'invoice_overdue'
            or coalesce(paying_accounts.is_paying, true)
        ) as is_open,
        alerts.detail,
        playbooks.action as recommended_action,
        {{ add_hours('cast(alerts.raised_on as timestamp)', 'playbooks.due_hours') }}
            as due_at,
        coalesce(ledger.mrr_balance, 0) as mrr_at_risk
    from alerts
    left join paying_accounts on alerts.account_id = paying_accounts.account_id
    left join playbooks on alerts.alert_type = playbooks.trigger
    left join ledger
        on
            alerts.account_id = ledger.account_id
            and {{ is_effective_on('ledger', 'alerts.mrr_on') }}
)

select * from final
