-- A row returned is a balance that another mart publishes for the end of a period and
-- that the ledger does not have: each account's latest balance on or before that day.
with ledger as (
    select
        *,
        lead(date_day) over (partition by account_id order by date_day)
            as next_change_on
    from {{ ref('fct_mrr_ledger') }}
),

balances as (
    select
        'churn_by_period' as mart,
        case period_grain
            when 'month' then last_day(period_start)
            when 'quarter' then {{ add_days(add_months('period_start', 3), -1) }}
            when 'year' then {{ add_days(add_months('period_start', 12), -1) }}
        end as last_day_on,
        customers_at_end as customers,
        mrr_at_end as mrr
    from {{ ref('churn_by_period') }}
    union all
    select
        'churn_by_period, at start' as mart,
        {{ add_days('period_start', -1) }} as last_day_on,
        customers_at_start as customers,
        mrr_at_start as mrr
    from {{ ref('churn_by_period') }}
    union all
    select
        'cohort_retention' as mart,
        last_day({{ add_months('cohort_month', 'months_since_start') }}) as last_day_on,
        sum(retained_customers) as customers,
        sum(retained_mrr) as mrr
    from {{ ref('cohort_retention') }}
    group by last_day({{ add_months('cohort_month', 'months_since_start') }})
    union all
    select
        'revenue_retention, then' as mart,
        last_day({{ add_months('date_month', '-months_back') }}) as last_day_on,
        customers_then as customers,
        mrr_then as mrr
    from {{ ref('revenue_retention') }}
),

days as (
    select distinct last_day_on from balances
),

ledger_balances as (
    select
        days.last_day_on,
        count(distinct case when ledger.mrr_balance > 0 then ledger.account_id end)
            as customers,
        coalesce(sum(ledger.mrr_balance), 0) as mrr
    from days
    left join ledger
        on
            {{ is_effective_on('ledger', 'days.last_day_on') }}
    group by days.last_day_on
)

select
    balances.mart,
    balances.last_day_on,
    balances.customers,
    ledger_balances.customers as customers_of_ledger,
    balances.mrr,
    ledger_balances.mrr as mrr_of_ledger
from balances
inner join ledger_balances on balances.last_day_on = ledger_balances.last_day_on
where
    balances.customers <> ledger_balances.customers
    or balances.mrr <> ledger_balances.mrr
