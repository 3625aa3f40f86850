-- Grain: one row per subscription item and period with unchanged terms
-- (subscription_id, subscription_item_id, started_on).
with subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
),

final as (
    select
        subscription_id,
        subscription_item_id,
        started_on,
        account_id,
        plan,
        billing_interval,
        term_months,
        seats,
        ended_on,
        is_trial,
        mrr
    from subscription_periods
)

select * from final
