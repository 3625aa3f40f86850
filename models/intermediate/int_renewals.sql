-- Grain: one row per subscription item, period and due date (subscription_id,
-- subscription_item_id, started_on, due_on), to the end of the renewal window.
{% set window_ends_on = add_days(as_of_date(), var('renewal_window_days')) %}
with subscription_terms as (
    select * from {{ ref('int_subscription_terms') }}
),

ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

scheduled_ends as (
    select * from {{ ref('int_scheduled_ends') }}
),

-- month to month has no renewals: its losses are churn (rule 25). The number of terms
-- that can end by the end of the window is a bound that a join can use
bounded as (
    select
        *,
        cast(
            floor(
                ({{ month_number(window_ends_on) }} - {{ month_number('started_on') }})
                / cast(term_months as double)
            ) as bigint
        ) as max_terms
    from subscription_terms
    where term_months is not null
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
        and due_on <= coalesce(known_end_on, {{ no_end_date() }})
),

-- renewed if the account has MRR on the first day of the next term, by whatever period
final as (
    select
        due.subscription_id,
        due.subscription_item_id,
        due.started_on,
        due.due_on,
        due.account_id,
        due.plan,
        due.mrr,
        due.is_open,
        due.is_open and coalesce(due.due_on = scheduled_ends.scheduled_end_on, false)
            as is_cancel_scheduled,
        case when not due.is_open then coalesce(ledger.mrr_balance > 0, false) end
            as is_renewed,
        case when not due.is_open then coalesce(ledger.mrr_balance, 0) end
            as account_mrr
    from due
    left join ledger
        on
            due.account_id = ledger.account_id
            and {{ is_effective_on('ledger', 'due.due_on') }}
    left join scheduled_ends
        on
            due.subscription_id = scheduled_ends.subscription_id
            and due.subscription_item_id = scheduled_ends.subscription_item_id
            and due.started_on = scheduled_ends.started_on
)

select * from final
