{#- Common tables from `priced` (an item's periods) and `subscriptions` (their accounts,
    ends and reasons) to `final`, the contract's rows: neighbouring periods of an item with
    the same terms are one, since a bill is no new term. -#}
{% macro merged_periods() -%}
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
{%- endmacro %}
