-- Grain: one row per line of an invoice.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with lines as (
    select * from {{ source('stripe_dlt', 'invoice__lines__data') }}
),

invoices as (
    select * from {{ source('stripe_dlt', 'invoice') }}
),

final as (
    select
        lines.id,
        invoices.id as invoice_id,
        coalesce(lines.subscription, lines.parent__subscription_item_details__subscription)
            as subscription_id,
        coalesce(
            lines.subscription_item,
            lines.parent__subscription_item_details__subscription_item
        ) as subscription_item_id,
        coalesce(lines.price__id, lines.pricing__price_details__price) as price_id,
        cast(null as {{ dbt.type_string() }}) as plan_id,
        lines.quantity,
        lines.amount,
        lines.currency,
        coalesce(lines.proration, lines.parent__subscription_item_details__proration)
            as proration,
        lines.period__start as period_start,
        lines.period__end as period_end,
        false as _fivetran_deleted
    from lines
    inner join invoices on lines._dlt_parent_id = invoices._dlt_id
)

select * from final
