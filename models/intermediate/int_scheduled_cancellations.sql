-- Grain: one row per account all of whose running paid periods have a scheduled end
-- (account_id): the day on which its MRR reaches zero.
with subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
    where mrr > 0
),

scheduled_ends as (
    select * from {{ ref('int_scheduled_ends') }}
),

paid_periods as (
    select *
    from subscription_periods
    where {{ is_active_on('subscription_periods', as_of_date()) }}
),

-- one period that runs on keeps the account; of those that end last, rule 18's order
-- says which one the cancellation is about
final as (
    select
        paid_periods.account_id,
        max(scheduled_ends.scheduled_end_on) as cancellation_scheduled_on,
        {%- for column in ('started_on', 'cancel_reason', 'has_cancel_reason') %}
        max_by(
            scheduled_ends.{{ column }},
            (
                scheduled_ends.scheduled_end_on,
                scheduled_ends.mrr,
                scheduled_ends.subscription_id,
                scheduled_ends.subscription_item_id
            )
        ) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from paid_periods
    left join scheduled_ends
        on
            paid_periods.subscription_id = scheduled_ends.subscription_id
            and paid_periods.subscription_item_id = scheduled_ends.subscription_item_id
            and paid_periods.started_on = scheduled_ends.started_on
    group by paid_periods.account_id
    having count(*) = count(scheduled_ends.scheduled_end_on)
)

select * from final
