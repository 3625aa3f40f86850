-- Grain: one row per paid subscription item and period (subscription_id,
-- subscription_item_id, started_on): the length of its term, and its end if known.
with subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
    where mrr > 0
),

-- monthly and weekly billing has no term of its own
renewable_intervals as (
    select
        billing_interval,
        cast(round(12 / cast(payments_per_year as double)) as integer) as term_months
    from {{ ref('billing_intervals') }}
    where payments_per_year <= 4
),

final as (
    select
        subscription_periods.subscription_id,
        subscription_periods.subscription_item_id,
        subscription_periods.account_id,
        subscription_periods.plan,
        subscription_periods.started_on,
        subscription_periods.ended_on,
        -- an end after as_of_date is known only if it was delivered: one that the next
        -- term gives is not (rules 2 and 6)
        case
            when subscription_periods.ended_on <= {{ as_of_date() }}
                then subscription_periods.ended_on
            else subscription_periods.delivered_ended_on
        end as known_end_on,
        subscription_periods.mrr,
        -- a term of a month is none: its losses are churn (rule 25)
        nullif(
            coalesce(subscription_periods.term_months, renewable_intervals.term_months),
            1
        ) as term_months
    from subscription_periods
    left join renewable_intervals
        on subscription_periods.billing_interval = renewable_intervals.billing_interval
)

select * from final
