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
    select * from {{ ref('stripe_segment_discounts') }}
),

pauses as (
    select * from {{ ref('stripe_pauses') }}
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
        greatest(
            {{ exact_ratio(
                'states.list_amount * coalesce(discounts.item_percent_left, 100)', 100, 4
            ) }} - {{ exact_ratio(
                'coalesce(discounts.item_amount_off, 0) * states.multiplier',
                'states.divisor * ' ~ stripe_minor_units('states.decimals'),
                4
            ) }},
            0
        ) as item_amount,
        coalesce(discounts.percent_left, 100) as percent_left,
        {{ exact_ratio(
            'coalesce(discounts.amount_off, 0) * states.multiplier',
            'states.divisor * ' ~ stripe_minor_units('states.decimals'),
            4
        ) }} as amount_off,
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
                and {{ is_active_on('pauses', 'segments.started_on') }}
        ) as is_paused
    from segments
    inner join states
        on
            segments.subscription_id = states.subscription_id
            and segments.item_id = states.item_id
            and segments.state_on = states.started_on
    inner join subscriptions on segments.subscription_id = subscriptions.subscription_id
    left join discounts
        on
            segments.subscription_id = discounts.subscription_id
            and segments.item_id = discounts.item_id
            and segments.started_on = discounts.started_on
),

-- an item's own discounts come first
shared as (
    select
        *,
        {{ exact_ratio('item_amount * percent_left', 100, 4) }} as after_percent,
        sum(item_amount) over (partition by subscription_id, started_on)
            as subscription_amount
    from described
),

-- an amount off an invoice is shared by its items, by what they cost after that
final as (
    select
        *,
        case
            when is_paused then 0
            else greatest(
                after_percent - coalesce(
                    {{ exact_ratio(
                        'cast(amount_off * item_amount as decimal(38, 8))',
                        'subscription_amount',
                        4
                    ) }},
                    0
                ),
                0
            )
        end as amount
    from shared
)

select * from final
