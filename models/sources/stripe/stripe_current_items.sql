-- Grain: one row per item that a subscription has today (subscription_id, item_id), with
-- the day since when it is known to be as it is.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with items as (
    select * from {{ source_table('stripe', 'subscription_item') }}
    where not coalesce(_fivetran_deleted, false)
),

subscriptions as (
    select * from {{ ref('stripe_subscription_dates') }}
),

prices as (
    select * from {{ ref('stripe_prices') }}
),

snapshots as (
    select * from {{ source('history', 'subscription_item_history') }}
),

current_items as (
    select
        items.subscription_id,
        items.id as item_id,
        items.plan_id as price_id,
        items.quantity,
        prices.plan,
        prices.billing_interval,
        greatest(
            subscriptions.started_on,
            coalesce(cast(items.created as date), subscriptions.started_on)
        ) as created_on,
        coalesce(
            cast(items._fivetran_synced as date),
            subscriptions.synced_on,
            {{ as_of_date() }}
        ) as synced_on
    from items
    inner join subscriptions on items.subscription_id = subscriptions.subscription_id
    inner join prices on items.plan_id = prices.price_id
),

compared as (
    select
        current_items.subscription_id,
        current_items.item_id,
        snapshots.valid_from,
        not snapshots.is_ended
        and snapshots.plan = current_items.plan
        and snapshots.billing_interval = current_items.billing_interval
        and coalesce(snapshots.seats, 1) = coalesce(current_items.quantity, 1)
            as is_as_today
    from current_items
    inner join snapshots
        on
            current_items.subscription_id = snapshots.subscription_id
            and current_items.item_id = snapshots.subscription_item_id
),

last_different as (
    select
        subscription_id,
        item_id,
        max(valid_from) as different_on
    from compared
    where not is_as_today
    group by subscription_id, item_id
),

first_seen as (
    select
        compared.subscription_id,
        compared.item_id,
        min(compared.valid_from) as seen_on
    from compared
    left join last_different
        on
            compared.subscription_id = last_different.subscription_id
            and compared.item_id = last_different.item_id
    where
        compared.is_as_today
        and compared.valid_from
        > coalesce(last_different.different_on, date '0001-01-01')
    group by compared.subscription_id, compared.item_id
),

final as (
    select
        current_items.subscription_id,
        current_items.item_id,
        current_items.price_id,
        current_items.quantity,
        current_items.created_on,
        least(current_items.synced_on, coalesce(first_seen.seen_on, current_items.synced_on))
            as known_on
    from current_items
    left join first_seen
        on
            current_items.subscription_id = first_seen.subscription_id
            and current_items.item_id = first_seen.item_id
)

select * from final
