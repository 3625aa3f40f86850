-- Grain: one row per subscription, period and due date (subscription_id, started_on,
-- due_on), to the end of the renewal window.
{% set window_ends_on = add_days(as_of_date(), var('renewal_window_days')) %}
with subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
    where mrr > 0
),

ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

-- monthly and weekly plans have no renewals: theirs is churn
renewable_intervals as (
    select
        billing_interval,
        cast(round(12 / cast(payments_per_year as double)) as integer) as term_months
    from {{ ref('billing_intervals') }}
    where payments_per_year <= 4
),

terms as (
    select
        subscription_periods.subscription_id,
        subscription_periods.account_id,
        subscription_periods.plan,
        subscription_periods.started_on,
        -- an end after as_of_date is not known yet (rule 2)
        case
            when subscription_periods.ended_on <= {{ as_of_date() }}
                then subscription_periods.ended_on
        end as ended_on,
        subscription_periods.mrr,
        renewable_intervals.term_months,
        {{ month_number(window_ends_on) }}
        - {{ month_number('subscription_periods.started_on') }} as months_to_window_end
    from subscription_periods
    inner join renewable_intervals
        on subscription_periods.billing_interval = renewable_intervals.billing_interval
),

-- how many terms can end by the end of the window: a bound that a join can use
bounded as (
    select
        *,
        cast(floor(months_to_window_end / cast(term_months as double)) as bigint)
            as max_terms
    from terms
),

-- counted from the period's own start: 31 Jan + 1 month is 28 or 29 Feb, + 2 is 31 Mar
anniversaries as (
    select
        bounded.*,
        {{ add_months('bounded.started_on', 'bounded.term_months * series.number') }}
            as due_on
    from bounded
    inner join {{ number_series(1, '(select max(max_terms) from bounded)') }} as series
        on series.number <= bounded.max_terms
),

-- a period that ended before the day is not due; one that ends on it is
due as (
    select
        *,
        due_on > {{ as_of_date() }} as is_open
    from anniversaries
    where
        due_on <= {{ window_ends_on }}
        and due_on <= coalesce(ended_on, {{ no_end_date() }})
),

-- renewed if the account has MRR on the first day of the next term, by whatever period
decided as (
    select
        due.subscription_id,
        due.started_on,
        due.due_on,
        due.account_id,
        due.plan,
        due.mrr,
        due.is_open,
        case when not due.is_open then coalesce(ledger.mrr_balance > 0, false) end
            as is_renewed,
        case
            when not due.is_open
                then cast(
                    least(due.mrr, coalesce(ledger.mrr_balance, 0)) as decimal(18, 4)
                )
        end as mrr_renewed
    from due
    left join ledger
        on
            due.account_id = ledger.account_id
            and {{ is_effective_on('ledger', 'due.due_on') }}
)

select * from decided
