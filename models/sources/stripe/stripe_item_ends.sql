-- Grain: one row per subscription item that was taken off its subscription before that
-- ended (subscription_id, item_id).
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with lines as (
    select * from {{ ref('stripe_lines') }}
),

items as (
    select * from {{ source_table('stripe', 'subscription_item') }}
),

-- a credit without a charge beside it is for what was taken off
credits as (
    select
        credits.subscription_id,
        credits.item_id,
        max(credits.period_start) as credited_from
    from lines as credits
    left join lines as charges
        on
            credits.subscription_id = charges.subscription_id
            and credits.item_id = charges.item_id
            and credits.period_start = charges.period_start
            and not charges.is_credit
            and charges.invoice_status <> 'void'
    where credits.is_credit and credits.is_proration and charges.item_id is null
    group by credits.subscription_id, credits.item_id
),

charged as (
    select
        subscription_id,
        item_id,
        max(period_start) as charged_from,
        max_by(period_end, period_start) as charged_until
    from lines
    where not is_credit and invoice_status <> 'void'
    group by subscription_id, item_id
),

final as (
    select
        charged.subscription_id,
        charged.item_id,
        cast(
            case
                when credits.credited_from >= charged.charged_from
                    then credits.credited_from
                else charged.charged_until
            end as date
        ) as ended_on
    from charged
    left join items
        on
            charged.subscription_id = items.subscription_id
            and charged.item_id = items.id
            and not coalesce(items._fivetran_deleted, false)
    left join credits
        on
            charged.subscription_id = credits.subscription_id
            and charged.item_id = credits.item_id
    where items.id is null
)

select * from final
