-- Grain: one row per subscription item and segment of it with a discount
-- (subscription_id, item_id, started_on).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with applied as (
    select * from {{ ref('stripe_applied_discounts') }}
),

final as (
    select
        subscription_id,
        item_id,
        started_on,
        {{ percent_left('item') }} as item_percent_left,
        sum(case when taken_off = 'item' then amount_off end) as item_amount_off,
        {{ percent_left('subscription') }} as percent_left
    from applied
    group by subscription_id, item_id, started_on
)

select * from final
