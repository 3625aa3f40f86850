-- Grain: one row per pause of a subscription's collection, in which it pays nothing
-- (subscription_id, started_on). Drafts that are kept are collected later: no pause. A
-- trial that ended without a way to pay is paused, too, until it is active again.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
{% set unpaid = "('void', 'mark_uncollectible')" %}
with history as (
    select * from {{ source_table('stripe', 'subscription_history') }}
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

lines as (
    select * from {{ ref('stripe_lines') }}
),

-- where versions are kept, each tells from when on it held
versions as (
    select
        id as subscription_id,
        cast(_fivetran_start as date) as seen_on,
        coalesce(pause_collection_behavior in {{ unpaid }} or status = 'paused', false)
            as is_paused,
        row_number() over (partition by id order by _fivetran_start) as version_number,
        count(*) over (partition by id) as versions
    from history
    where _fivetran_start is not null
),

runs as (
    select
        *,
        coalesce(
            lag(is_paused) over (partition by subscription_id order by version_number),
            false
        ) as was_paused
    from versions
    where versions > 1
),

changes as (
    select
        subscription_id,
        seen_on,
        is_paused,
        lead(seen_on) over (partition by subscription_id order by version_number)
            as next_change_on
    from runs
    where is_paused <> was_paused
),

-- where they are not, the pause began with the first invoice in a row that was not
-- collected; else it is known since the last sync only
last_collected as (
    select
        subscription_id,
        max(period_start) as collected_from
    from lines
    where invoice_status in ('paid', 'open') and not is_credit
    group by subscription_id
),

first_uncollected as (
    select
        lines.subscription_id,
        min(lines.period_start) as paused_at
    from lines
    left join last_collected on lines.subscription_id = last_collected.subscription_id
    where
        lines.invoice_status in ('void', 'uncollectible')
        and not lines.is_credit
        and (
            last_collected.collected_from is null
            or lines.period_start > last_collected.collected_from
        )
    group by lines.subscription_id
),

current_pauses as (
    select
        subscriptions.subscription_id,
        coalesce(
            cast(first_uncollected.paused_at as date),
            subscriptions.synced_on,
            {{ as_of_date() }}
        ) as started_on,
        subscriptions.pause_resumes_on as ended_on
    from subscriptions
    left join first_uncollected
        on subscriptions.subscription_id = first_uncollected.subscription_id
    where
        subscriptions.pause_collection_behavior in {{ unpaid }}
        and subscriptions.subscription_id not in (
            select subscription_id from changes where is_paused
        )
),

known_pauses as (
    select
        changes.subscription_id,
        changes.seen_on as started_on,
        coalesce(changes.next_change_on, subscriptions.pause_resumes_on) as ended_on
    from changes
    inner join subscriptions on changes.subscription_id = subscriptions.subscription_id
    where changes.is_paused
),

final as (
    select * from current_pauses
    union all
    select * from known_pauses
)

select * from final
