-- Grain: one row per account, kind of alert and day raised (account_id, alert_type,
-- raised_on).
with alerts as (
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

-- a cancellation puts at risk what the account pays today; every other alert what it paid
-- on the day raised
with_mrr_date as (
    select
        *,
        case
            when alert_type = 'cancellation_scheduled' then {{ as_of_date() }}
            else raised_on
        end as mrr_on
    from alerts
),

-- a former customer needs no call any more, but still owes what it did not pay; one
-- that never paid can be won yet
final as (
    select
        with_mrr_date.account_id,
        with_mrr_date.alert_type,
        with_mrr_date.raised_on,
        with_mrr_date.account_id || '|' || with_mrr_date.alert_type || '|'
        || cast(with_mrr_date.raised_on as string) as alert_id,
        with_mrr_date.severity,
        with_mrr_date.is_open
        and (
            with_mrr_date.alert_type = 'invoice_overdue'
            or coalesce(paying_accounts.is_paying, true)
        ) as is_open,
        with_mrr_date.detail,
        playbooks.action as recommended_action,
        {{ add_hours('cast(with_mrr_date.raised_on as timestamp)', 'playbooks.due_hours') }}
            as due_at,
        coalesce(ledger.mrr_balance, 0) as mrr_at_risk
    from with_mrr_date
    left join paying_accounts on with_mrr_date.account_id = paying_accounts.account_id
    left join playbooks on with_mrr_date.alert_type = playbooks.trigger
    left join ledger
        on
            with_mrr_date.account_id = ledger.account_id
            and {{ is_effective_on('ledger', 'with_mrr_date.mrr_on') }}
)

select * from final
