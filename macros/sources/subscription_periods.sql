{#-
    The contract's rows of a source's subscriptions, from three models of the source:
    `<source>_item_states` (from which day on an item had which terms, or was taken off),
    `<source>_subscription_dates` and `<source>_pauses`. Trials and pauses cut periods;
    a pause has an amount of 0; neighbouring periods with the same terms are one.
-#}
{% macro subscription_periods(source) -%}
with states as (
    select * from {{ ref(source ~ '_item_states') }}
),

subscriptions as (
    select * from {{ ref(source ~ '_subscription_dates') }}
),

pauses as (
    select * from {{ ref(source ~ '_pauses') }}
),

-- from when to when an item can run: a trial before its first bill belongs to it
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
        min(coalesce(subscriptions.ended_on, {{ no_end_date() }})) as ended_on
    from states
    inner join subscriptions on states.subscription_id = subscriptions.subscription_id
    where not states.is_removed
    group by states.subscription_id, states.item_id
),

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
    select
        subscription_id,
        trial_ended_on as date_day
    from subscriptions
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
dated as (
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

priced as (
    select
        dated.subscription_id,
        dated.item_id,
        dated.started_on,
        dated.ended_on,
        states.plan,
        states.billing_interval,
        states.term_months,
        states.seats,
        states.list_amount,
        states.currency,
        case
            when
                exists (
                    select 1
                    from pauses
                    where
                        pauses.subscription_id = dated.subscription_id
                        and pauses.started_on <= dated.started_on
                        and coalesce(pauses.ended_on, {{ no_end_date() }}) > dated.started_on
                )
                then 0
            else states.amount
        end as amount,
        coalesce(
            dated.started_on >= subscriptions.trial_started_on
            and dated.started_on < subscriptions.trial_ended_on,
            false
        ) as is_trial
    from dated
    inner join states
        on
            dated.subscription_id = states.subscription_id
            and dated.item_id = states.item_id
            and dated.state_on = states.started_on
    inner join subscriptions on dated.subscription_id = subscriptions.subscription_id
    where not states.is_removed
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
{%- endmacro %}
