-- Grain: one row per subscription item and period in which its terms are the same
-- (subscription_id, subscription_item_id, started_on).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with priced as (
    select * from {{ ref('stripe_segment_amounts') }}
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

{{ merged_periods() }}

select * from final
