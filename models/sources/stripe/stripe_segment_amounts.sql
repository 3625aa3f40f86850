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

applied_discounts as (
    select * from {{ ref('stripe_applied_discounts') }}
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
        states.multiplier,
        states.divisor * {{ stripe_minor_units('states.decimals') }} as divisor,
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

-- an amount off an invoice is shared by the items that the coupon is for, by what they
-- cost after their own discounts
amounts_off as (
    select
        subscription_id,
        item_id,
        started_on,
        shared_by,
        sum(amount_off) as amount_off
    from applied_discounts
    where taken_off = 'subscription' and amount_off is not null
    group by subscription_id, item_id, started_on, shared_by
),

shared as (
    select
        described.subscription_id,
        described.item_id,
        described.started_on,
        {{ exact_ratio(
            'amounts_off.amount_off * described.multiplier', 'described.divisor', 4
        ) }} as amount_off,
        described.item_amount,
        sum(described.item_amount) over (
            partition by
                described.subscription_id, described.started_on, amounts_off.shared_by
        ) as sharing_amount
    from described
    inner join amounts_off
        on
            described.subscription_id = amounts_off.subscription_id
            and described.item_id = amounts_off.item_id
            and described.started_on = amounts_off.started_on
),

shares as (
    select
        subscription_id,
        item_id,
        started_on,
        cast(
            sum(coalesce(
                {{ exact_ratio(
                    'cast(amount_off * item_amount as decimal(38, 8))', 'sharing_amount', 4
                ) }},
                0
            )) as decimal(18, 4)
        ) as amount_off
    from shared
    group by subscription_id, item_id, started_on
),

final as (
    select
        described.subscription_id,
        described.item_id,
        described.started_on,
        described.ended_on,
        described.plan,
        described.billing_interval,
        described.term_months,
        described.seats,
        described.currency,
        described.list_amount,
        described.item_amount,
        described.percent_left,
        described.is_trial,
        described.is_paused,
        case
            when described.is_paused then 0
            else greatest(
                {{ exact_ratio('described.item_amount * described.percent_left', 100, 4) }}
                - coalesce(shares.amount_off, 0),
                0
            )
        end as amount
    from described
    left join shares
        on
            described.subscription_id = shares.subscription_id
            and described.item_id = shares.item_id
            and described.started_on = shares.started_on
)

select * from final
