-- Grain: one row per subscription, add-on of it and period in which its terms are the
-- same (subscription_id, subscription_item_id, started_on).
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
{{ subscription_periods('recurly') }}
