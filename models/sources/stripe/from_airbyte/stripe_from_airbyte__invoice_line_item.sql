-- Grain: one row per line of an invoice.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
with lines as (
    {{ airbyte_rows('stripe', 'invoice_line_items', 'invoice_id, id') }}
),

items as (
    select * from {{ ref('stripe_from_airbyte__subscription_item') }}
),

-- of subscriptions in Stripe's newer way of billing, lines name the item alone
final as (
    select
        lines.id,
        lines.invoice_id,
        coalesce(lines.subscription, items.subscription_id) as subscription_id,
        lines.subscription_item as subscription_item_id,
        {{ json_text('lines.price', 'id') }} as price_id,
        {{ json_text('lines.plan', 'id') }} as plan_id,
        lines.quantity,
        lines.amount,
        lines.currency,
        lines.proration,
        {{ epoch_timestamp(json_text('lines.period', 'start')) }} as period_start,
        {{ epoch_timestamp(json_text('lines.period', 'end')) }} as period_end,
        false as _fivetran_deleted
    from lines
    left join items on lines.subscription_item = items.id
    where coalesce(lines.object, 'line_item') = 'line_item'
)

select * from final
