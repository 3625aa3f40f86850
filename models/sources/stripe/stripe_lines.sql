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

-- older lines do not name their item: where there is only one, it is that
only_items as (
    select
        subscription_id,
        min(id) as item_id
    from items
    group by subscription_id
    having count(*) = 1
),

of_items as (
    select
        lines.subscription_id,
        coalesce(lines.subscription_item_id, only_items.item_id, '') as item_id,
        coalesce(lines.price_id, lines.plan_id) as price_id,
        lines.invoice_id,
        invoices.status as invoice_status,
        invoices.created as invoiced_at,
        coalesce(lines.proration, false) as is_proration,
        lines.amount < 0 as is_credit,
        lines.amount,
        lines.quantity,
        lines.period_start,
        lines.period_end
    from lines
    inner join invoices on lines.invoice_id = invoices.id
    left join only_items on lines.subscription_id = only_items.subscription_id
    where
        lines.subscription_id is not null
        and invoices.status <> 'draft'
        and coalesce(invoices.livemode, true)
        and invoices.connected_account_id is null
        and not coalesce(invoices._fivetran_deleted, false)
        and not coalesce(lines._fivetran_deleted, false)
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
