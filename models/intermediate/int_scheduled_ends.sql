-- Grain: one row per running paid period that is already cancelled for a day to come
-- (subscription_id, subscription_item_id, started_on).
with subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

with_previous_term as (
    select
        *,
        lag(plan) over by_item as previous_plan,
        lag(billing_interval) over by_item as previous_billing_interval,
        lag(amount) over by_item as previous_amount,
        lag(ended_on) over by_item as previous_ended_on,
        lag(is_trial) over by_item as previous_is_trial
    from subscription_periods
    window by_item as (
        partition by subscription_id, subscription_item_id order by started_on
    )
),

-- some exports give every term its end: one that repeats the term before it, and names
-- no reason, merely comes up for renewal
with_known_end as (
    select
        *,
        coalesce(
            not has_cancel_reason
            and not previous_is_trial
            and previous_ended_on = started_on
            and previous_plan = plan
            and previous_billing_interval = billing_interval
            and previous_amount = amount,
            false
        ) as is_end_of_term
    from with_previous_term
    where mrr > 0 and delivered_ended_on > {{ as_of_date() }}
),

-- the definition of a scheduled end: nothing that is paid for follows (rule 77)
final as (
    select
        subscription_id,
        subscription_item_id,
        started_on,
        account_id,
        cancel_reason,
        has_cancel_reason,
        delivered_ended_on as scheduled_end_on
    from with_known_end
    where
        {{ var('future_end_is_cancellation') }}
        and not is_end_of_term
        and coalesce(next_paid_start_on > delivered_ended_on, true)
)

select * from final
