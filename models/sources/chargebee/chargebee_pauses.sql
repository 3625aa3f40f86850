-- Grain: one row per pause of a subscription (subscription_id, started_on): the one that it
-- has or is scheduled to have, and days of the past for which no bill of the plan was sent.
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
with subscriptions as (
    select * from {{ ref('chargebee_subscription_dates') }}
),

lines as (
    select * from {{ ref('chargebee_lines') }}
),

current_pauses as (
    select
        subscription_id,
        paused_on as started_on,
        resumes_on as ended_on
    from subscriptions
    where paused_on is not null and status in ('paused', 'active')
),

-- until when the plan was billed before each bill
covered as (
    select
        subscription_id,
        started_on,
        max(ended_on) over (
            partition by subscription_id
            order by started_on
            rows between unbounded preceding and 1 preceding
        ) as billed_until
    from lines
    where item_id = 'plan'
),

gaps as (
    select
        covered.subscription_id,
        covered.billed_until as started_on,
        covered.started_on as ended_on
    from covered
    left join current_pauses on covered.subscription_id = current_pauses.subscription_id
    where
        covered.billed_until < covered.started_on
        and (
            current_pauses.subscription_id is null
            or current_pauses.started_on <> covered.billed_until
        )
),

final as (
    select * from current_pauses
    union all
    select * from gaps
)

select * from final
