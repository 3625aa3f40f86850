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

-- a period that runs on comes first: it keeps the account. Of those that end last, rule
-- 18's order decides which one is the cancellation
ranked as (
    select
        paid_periods.account_id,
        paid_periods.started_on,
        scheduled_ends.scheduled_end_on,
        scheduled_ends.cancel_reason,
        scheduled_ends.has_cancel_reason,
        row_number() over (
            partition by paid_periods.account_id
            order by
                scheduled_ends.scheduled_end_on desc nulls first,
                paid_periods.mrr desc,
                paid_periods.subscription_id desc,
                paid_periods.subscription_item_id desc
        ) as end_rank
    from paid_periods
    left join scheduled_ends
        on
            paid_periods.subscription_id = scheduled_ends.subscription_id
            and paid_periods.subscription_item_id = scheduled_ends.subscription_item_id
            and paid_periods.started_on = scheduled_ends.started_on
),

final as (
    select
        account_id,
        scheduled_end_on as cancellation_scheduled_on,
        started_on,
        cancel_reason,
        has_cancel_reason
    from ranked
    where end_rank = 1 and scheduled_end_on is not null
)

select * from final
