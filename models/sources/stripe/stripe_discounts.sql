-- Grain: one row per discount of a subscription that reduces its MRR (subscription_id,
-- coupon_id, started_on). A coupon for one invoice does not, by default.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
{% set durations = source_setting('stripe', 'discounts', ['forever', 'repeating']) %}
with discounts as (
    select * from {{ source_table('stripe', 'subscription_discount') }}
),

coupons as (
    select * from {{ source_table('stripe', 'coupon') }}
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

dated as (
    select
        discounts.subscription_id,
        discounts.coupon_id,
        coalesce(cast(discounts.started_at as date), subscriptions.started_on) as started_on,
        cast(discounts.ended_at as date) as ended_on,
        coupons.percent_off,
        coupons.amount_off,
        coupons.duration,
        coupons.duration_in_months
    from discounts
    inner join coupons on discounts.coupon_id = coupons.id
    inner join subscriptions on discounts.subscription_id = subscriptions.subscription_id
    where coupons.duration in ('{{ durations | join("', '") }}')
),

final as (
    select
        subscription_id,
        coupon_id,
        started_on,
        coalesce(
            ended_on,
            case
                when duration = 'repeating'
                    then {{ add_months('started_on', 'coalesce(duration_in_months, 1)') }}
                when duration = 'once' then {{ add_months('started_on', 1) }}
            end
        ) as ended_on,
        cast(percent_off as decimal(9, 6)) as percent_off,
        amount_off
    from dated
)

select * from final
