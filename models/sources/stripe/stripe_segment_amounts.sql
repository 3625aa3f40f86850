-- Grain: one row per subscription item and segment of it, with its terms and what it
-- costs (subscription_id, item_id, started_on).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with segments as (
    select * from {{ ref('stripe_item_segments') }}
),

states as (
    select * from {{ ref('stripe_item_states') }}
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

discounts as (
    select * from {{ ref('stripe_discounts') }}
),

pauses as (
    select * from {{ ref('stripe_pauses') }}
),

discounted as (
    select
        days.subscription_id,
        days.started_on,
        -- several coupons multiply
        case
            when max(discounts.percent_off) >= 100 then 0
            else cast(
                round(
                    100 * exp(sum(ln(1 - cast(coalesce(discounts.percent_off, 0) as double) / 100))),
                    6
                ) as decimal(9, 6)
            )
        end as percent_left,
        sum(discounts.amount_off) as amount_off
    from (
        select distinct
            subscription_id,
            started_on
        from segments
    ) as days
    inner join discounts
        on
            days.subscription_id = discounts.subscription_id
            and discounts.started_on <= days.started_on
            and coalesce(discounts.ended_on, {{ no_end_date() }}) > days.started_on
    group by days.subscription_id, days.started_on
),

described as (
    select
        segments.subscription_id,
        segments.item_id,
        segments.started_on,
        segments.ended_on,
        states.plan,
        states.billing_interval,
        states.term_months,
        states.seats,
        states.currency,
        states.list_amount,
        {{ exact_ratio(
            'states.list_amount * coalesce(discounted.percent_left, 100)', 100, 4
        ) }} as after_percent,
        {{ exact_ratio(
            'coalesce(discounted.amount_off, 0) * states.multiplier',
            'states.divisor * ' ~ stripe_minor_units('states.decimals'),
            4
        ) }} as amount_off,
        sum(states.list_amount) over (
            partition by segments.subscription_id, segments.started_on
        ) as subscription_list_amount,
        coalesce(
            segments.started_on >= subscriptions.trial_started_on
            and segments.started_on < subscriptions.trial_ended_on,
            false
        ) as is_trial,
        exists (
            select 1
            from pauses
            where
                pauses.subscription_id = segments.subscription_id
                and pauses.started_on <= segments.started_on
                and coalesce(pauses.ended_on, {{ no_end_date() }}) > segments.started_on
        ) as is_paused
    from segments
    inner join states
        on
            segments.subscription_id = states.subscription_id
            and segments.item_id = states.item_id
            and segments.state_on = states.started_on
    inner join subscriptions on segments.subscription_id = subscriptions.subscription_id
    left join discounted
        on
            segments.subscription_id = discounted.subscription_id
            and segments.started_on = discounted.started_on
),

-- an amount off an invoice is shared by its items, by what they cost
final as (
    select
        *,
        case
            when is_paused then 0
            else greatest(
                after_percent - coalesce(
                    {{ exact_ratio(
                        'cast(amount_off * list_amount as decimal(38, 8))',
                        'subscription_list_amount',
                        4
                    ) }},
                    0
                ),
                0
            )
        end as amount
    from described
)

select * from final
