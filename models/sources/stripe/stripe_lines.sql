-- Grain: one row per invoice, subscription item, price and start of what is billed, of
-- licences: credits apart from charges. A tiered price has a line for each tier.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with lines as (
    select * from {{ source_table('stripe', 'invoice_line_item') }}
),

invoices as (
    select * from {{ source_table('stripe', 'invoice') }}
),

items as (
    select * from {{ source_table('stripe', 'subscription_item') }}
),

prices as (
    select * from {{ ref('stripe_prices') }}
),

-- newer lines may name the item alone; where that is gone, the invoice has its subscription
billed_lines as (
    select
        lines.*,
        coalesce(
            lines.subscription_id, items.subscription_id, invoices.subscription_id
        ) as billed_subscription_id,
        coalesce(lines.price_id, lines.plan_id) as billed_price_id,
        invoices.status as invoice_status,
        invoices.created as invoiced_at
    from lines
    inner join invoices on lines.invoice_id = invoices.id
    left join items on lines.subscription_item_id = items.id
    where
        invoices.status <> 'draft'
        and coalesce(invoices.livemode, true)
        and invoices.connected_account_id is null
        and not coalesce(invoices._fivetran_deleted, false)
        and not coalesce(lines._fivetran_deleted, false)
),

-- older lines do not name their item: where there is only one, or one of that price, it
-- is that
only_items as (
    select
        subscription_id,
        min(id) as item_id
    from items
    group by subscription_id
    having count(*) = 1
),

items_of_prices as (
    select
        subscription_id,
        plan_id,
        min(id) as item_id
    from items
    group by subscription_id, plan_id
    having count(*) = 1
),

of_items as (
    select
        billed_lines.billed_subscription_id as subscription_id,
        coalesce(
            billed_lines.subscription_item_id,
            only_items.item_id,
            items_of_prices.item_id,
            billed_lines.billed_price_id
        ) as item_id,
        billed_lines.billed_price_id as price_id,
        billed_lines.invoice_id,
        billed_lines.invoice_status,
        billed_lines.invoiced_at,
        coalesce(billed_lines.proration, false) as is_proration,
        billed_lines.amount < 0 as is_credit,
        billed_lines.amount,
        billed_lines.quantity,
        upper(billed_lines.currency) as currency,
        billed_lines.period_start,
        billed_lines.period_end
    from billed_lines
    left join only_items
        on billed_lines.billed_subscription_id = only_items.subscription_id
    left join items_of_prices
        on
            billed_lines.billed_subscription_id = items_of_prices.subscription_id
            and billed_lines.billed_price_id = items_of_prices.plan_id
    where billed_lines.billed_subscription_id is not null
),

final as (
    select
        of_items.subscription_id,
        of_items.item_id,
        of_items.price_id,
        of_items.invoice_id,
        of_items.invoice_status,
        of_items.is_proration,
        of_items.is_credit,
        of_items.period_start,
        max(of_items.period_end) as period_end,
        max(of_items.invoiced_at) as invoiced_at,
        max(of_items.currency) as currency,
        sum(of_items.amount) as amount,
        cast(sum(of_items.quantity) as bigint) as quantity
    from of_items
    inner join prices on of_items.price_id = prices.price_id
    group by
        of_items.subscription_id,
        of_items.item_id,
        of_items.price_id,
        of_items.invoice_id,
        of_items.invoice_status,
        of_items.is_proration,
        of_items.is_credit,
        of_items.period_start
)

select * from final
