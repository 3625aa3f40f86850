-- Grain: one row per subscription item and period in which its terms are the same
-- (subscription_id, subscription_item_id, started_on).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with states as (
    select * from {{ ref('stripe_item_states') }}
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

item_ends as (
    select * from {{ ref('stripe_item_ends') }}
),

discounts as (
    select * from {{ ref('stripe_discounts') }}
),

pauses as (
    select * from {{ ref('stripe_pauses') }}
),

-- from when to when an item runs: a trial before its first bill belongs to it
items as (
    select
        states.subscription_id,
        states.item_id,
        min(
            case
                when
                    subscriptions.trial_started_on < states.started_on
                    and subscriptions.trial_ended_on >= states.started_on
                    then subscriptions.trial_started_on
                else states.started_on
            end
        ) as started_on,
        min(least(
            coalesce(subscriptions.ended_on, {{ no_end_date() }}),
            coalesce(item_ends.ended_on, {{ no_end_date() }})
        )) as ended_on
    from states
    inner join subscriptions on states.subscription_id = subscriptions.subscription_id
    left join item_ends
        on
            states.subscription_id = item_ends.subscription_id
            and states.item_id = item_ends.item_id
    group by states.subscription_id, states.item_id
),

-- every day on which something about the subscription changes
change_days as (
    select
        subscription_id,
        started_on as date_day
    from states
    union
    select
        subscription_id,
        started_on as date_day
    from items
    union
    -- an item that is taken off changes the shares of the others
    select
        subscription_id,
        ended_on as date_day
    from items
    union
    select
        subscription_id,
        trial_started_on as date_day
    from subscriptions
    union
    select
        subscription_id,
        trial_ended_on as date_day
    from subscriptions
    union
    select
        subscription_id,
        started_on as date_day
    from discounts
    union
    select
        subscription_id,
        ended_on as date_day
    from discounts
    union
    select
        subscription_id,
        started_on as date_day
    from pauses
    union
    select
        subscription_id,
        ended_on as date_day
    from pauses
),

segments as (
    select
        items.subscription_id,
        items.item_id,
        change_days.date_day as started_on,
        lead(change_days.date_day, 1, items.ended_on) over (
            partition by items.subscription_id, items.item_id
            order by change_days.date_day
        ) as ended_on
    from items
    inner join change_days
        on
            items.subscription_id = change_days.subscription_id
            and items.started_on <= change_days.date_day
            and items.ended_on > change_days.date_day
),

-- the state of each segment: the latest one, or the first for a trial before it
state_days as (
    select
        segments.subscription_id,
        segments.item_id,
        segments.started_on,
        segments.ended_on,
        coalesce(
            max(
                case when states.started_on <= segments.started_on then states.started_on end
            ),
            min(states.started_on)
        ) as state_on
    from segments
    inner join states
        on
            segments.subscription_id = states.subscription_id
            and segments.item_id = states.item_id
    group by
        segments.subscription_id, segments.item_id, segments.started_on, segments.ended_on
),

discounted as (
    select
        segment_days.subscription_id,
        segment_days.started_on,
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
    ) as segment_days
    inner join discounts
        on
            segment_days.subscription_id = discounts.subscription_id
            and discounts.started_on <= segment_days.started_on
            and coalesce(discounts.ended_on, {{ no_end_date() }}) > segment_days.started_on
    group by segment_days.subscription_id, segment_days.started_on
),

described as (
    select
        state_days.subscription_id,
        state_days.item_id,
        state_days.started_on,
        state_days.ended_on,
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
            'states.divisor * case states.decimals when 0 then 1 when 3 then 1000 else 100 end',
            4
        ) }} as amount_off,
        sum(states.list_amount) over (
            partition by state_days.subscription_id, state_days.started_on
        ) as subscription_list_amount,
        coalesce(
            state_days.started_on >= subscriptions.trial_started_on
            and state_days.started_on < subscriptions.trial_ended_on,
            false
        ) as is_trial,
        exists (
            select 1
            from pauses
            where
                pauses.subscription_id = state_days.subscription_id
                and pauses.started_on <= state_days.started_on
                and coalesce(pauses.ended_on, {{ no_end_date() }}) > state_days.started_on
        ) as is_paused
    from state_days
    inner join states
        on
            state_days.subscription_id = states.subscription_id
            and state_days.item_id = states.item_id
            and state_days.state_on = states.started_on
    inner join subscriptions on state_days.subscription_id = subscriptions.subscription_id
    left join discounted
        on
            state_days.subscription_id = discounted.subscription_id
            and state_days.started_on = discounted.started_on
),

-- an amount off an invoice is shared by its items, by what they cost
priced as (
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
),

-- neighbours with the same terms are one period: a bill is no new term
compared as (
    select
        *,
        case
            when
                lag(ended_on) over item_periods = started_on
                and lag(plan) over item_periods = plan
                and lag(billing_interval) over item_periods = billing_interval
                and lag(coalesce(term_months, 0)) over item_periods = coalesce(term_months, 0)
                and lag(coalesce(seats, -1)) over item_periods = coalesce(seats, -1)
                and lag(amount) over item_periods = amount
                and lag(list_amount) over item_periods = list_amount
                and lag(currency) over item_periods = currency
                and lag(is_trial) over item_periods = is_trial
                then 0
            else 1
        end as is_new
    from priced
    window item_periods as (partition by subscription_id, item_id order by started_on)
),

numbered as (
    select
        *,
        sum(is_new) over (
            partition by subscription_id, item_id
            order by started_on
            rows between unbounded preceding and current row
        ) as period_number
    from compared
),

merged as (
    select
        subscription_id,
        item_id,
        period_number,
        min(plan) as plan,
        min(billing_interval) as billing_interval,
        min(term_months) as term_months,
        min(seats) as seats,
        min(amount) as amount,
        min(list_amount) as list_amount,
        min(currency) as currency,
        bool_or(is_trial) as is_trial,
        min(started_on) as started_on,
        max(ended_on) as ended_on
    from numbered
    group by subscription_id, item_id, period_number
),

final as (
    select
        merged.subscription_id,
        merged.item_id as subscription_item_id,
        subscriptions.account_id,
        merged.plan,
        merged.billing_interval,
        merged.seats,
        merged.amount,
        merged.list_amount,
        merged.currency,
        merged.is_trial,
        merged.started_on,
        case when merged.ended_on < {{ no_end_date() }} then merged.ended_on end
            as ended_on,
        case when merged.ended_on = subscriptions.ended_on then subscriptions.cancel_reason end
            as cancel_reason,
        merged.term_months,
        subscriptions._fivetran_deleted
    from merged
    inner join subscriptions on merged.subscription_id = subscriptions.subscription_id
)

select * from final
