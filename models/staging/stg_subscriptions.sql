-- Grain: one row per accepted period of a subscription item (subscription_id,
-- subscription_item_id, started_on).
with base as (
    select * from {{ ref('base_subscriptions') }}
),

accepted as (
    select
        subscription_id,
        subscription_item_id,
        account_id,
        plan,
        billing_interval,
        seats,
        amount,
        list_amount,
        currency,
        is_trial,
        started_on,
        ended_on as delivered_ended_on,
        case
            when cancel_reason is null then 'unknown'
            when
                cancel_reason in (
                    'competitor',
                    'freemium',
                    'business_closure',
                    'price',
                    'missing_features',
                    'support',
                    'payment_failure',
                    'paused',
                    'unknown'
                )
                then cancel_reason
            else 'other'
        end as cancel_reason,
        cancel_reason is not null as has_cancel_reason,
        term_months
    from base
    where rejection_reason is null
),

-- some exports never close old terms: such a period ends where the next one starts
-- (rule 6)
followed as (
    select
        *,
        lead(started_on) over (
            partition by subscription_id, subscription_item_id
            order by started_on
        ) as next_started_on
    from accepted
),

closed as (
    select
        subscription_id,
        subscription_item_id,
        account_id,
        plan,
        billing_interval,
        seats,
        amount,
        list_amount,
        currency,
        is_trial,
        started_on,
        coalesce(delivered_ended_on, next_started_on) as ended_on,
        delivered_ended_on,
        cancel_reason,
        has_cancel_reason,
        term_months
    from followed
)

select * from closed
