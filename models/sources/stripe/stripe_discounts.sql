-- Grain: one row per discount that reduces the MRR of a subscription or of one of its
-- items (subscription_id, item_id, discount_of, coupon_id, started_on). A coupon for
-- one invoice does not, by default.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
{% set durations = source_setting('stripe', 'discounts', ['forever', 'repeating']) %}
with of_subscriptions as (
    select * from {{ source_table('stripe', 'subscription_discount') }}
),

-- a discount of a customer that names a subscription is of that one: Fivetran had it so
others as (
    select
        *,
        case
            when lower(type) = 'customer' and subscription_id is not null
                then 'subscription'
            else lower(type)
        end as discount_of
    from {{ source_table('stripe', 'discount') }}
),

coupons as (
    select * from {{ source_table('stripe', 'coupon') }}
),

items as (
    select * from {{ source_table('stripe', 'subscription_item') }}
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

-- a customer's discount is one of each of its subscriptions
discounts as (
    select
        subscription_id,
        '' as item_id,
        'subscription' as discount_of,
        coupon_id,
        started_at,
        ended_at,
        2 as precedence
    from of_subscriptions
    union all
    select
        coalesce(subscription_id, type_id) as subscription_id,
        '' as item_id,
        discount_of,
        coupon_id,
        started_at,
        ended_at,
        1 as precedence
    from others
    where discount_of = 'subscription'
    union all
    select
        subscriptions.subscription_id,
        '' as item_id,
        others.discount_of,
        others.coupon_id,
        others.started_at,
        others.ended_at,
        1 as precedence
    from others
    inner join subscriptions
        on coalesce(others.customer_id, others.type_id) = subscriptions.account_id
    where others.discount_of = 'customer'
    union all
    select
        items.subscription_id,
        items.id as item_id,
        others.discount_of,
        others.coupon_id,
        others.started_at,
        others.ended_at,
        1 as precedence
    from others
    inner join items on others.type_id = items.id
    where others.discount_of = 'subscription_item'
),

dated as (
    select
        discounts.subscription_id,
        discounts.item_id,
        discounts.discount_of,
        discounts.coupon_id,
        discounts.precedence,
        coalesce(cast(discounts.started_at as date), subscriptions.started_on)
            as started_on,
        cast(discounts.ended_at as date) as ended_on,
        coupons.percent_off,
        coupons.amount_off,
        upper(coupons.currency) as currency,
        coupons.duration,
        coupons.duration_in_months
    from discounts
    inner join coupons on discounts.coupon_id = coupons.id
    inner join subscriptions
        on discounts.subscription_id = subscriptions.subscription_id
    where coupons.duration in ('{{ durations | join("', '") }}')
),

-- one that both tables have is one
ranked as (
    select
        *,
        row_number() over (
            partition by subscription_id, item_id, discount_of, coupon_id, started_on
            order by precedence asc, ended_on desc nulls last
        ) as place
    from dated
),

final as (
    select
        subscription_id,
        item_id,
        discount_of,
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
        amount_off,
        currency
    from ranked
    where place = 1
)

select * from final
