-- Grain: one row per subscription, item and day from which a whole period was billed
-- (subscription_id, item_id, started_on). The plan's own item is plan.
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
{% set usage = source_setting('recurly', 'usage_add_ons', []) %}
with lines as (
    select * from {{ source_table('recurly', 'line_item_history') }}
),

invoices as (
    select * from {{ source_table('recurly', 'invoice_history') }}
),

line_versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from lines
),

invoice_versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from invoices
),

-- a part of a period, a credit, a fee and what was not billed are no terms
billed as (
    select
        line_versions.id,
        line_versions.subscription_id,
        line_versions.plan_id,
        line_versions.unit_amount,
        line_versions.quantity,
        line_versions.subtotal,
        line_versions.discount,
        line_versions.start_date,
        coalesce(line_versions.add_on_id, 'plan') as item_id,
        cast(line_versions.start_date as date) as started_on,
        cast(line_versions.end_date as date) as ended_on
    from line_versions
    left join invoice_versions
        on line_versions.invoice_id = invoice_versions.id and invoice_versions.version_rank = 1
    where
        line_versions.version_rank = 1
        and line_versions.subscription_id is not null
        and coalesce(line_versions.type, 'charge') = 'charge'
        and coalesce(line_versions.state, 'invoiced') = 'invoiced'
        and coalesce(line_versions.origin, 'plan') in ('plan', 'add_on')
        and not coalesce(line_versions.refund, false)
        and coalesce(line_versions.proration_rate, 1) = 1
        and coalesce(invoice_versions.state, 'paid') <> 'voided'
        {%- if usage %}
        and coalesce(line_versions.add_on_id, 'plan') not in ({{ text_list(usage) }})
        {%- endif %}
),

ranked as (
    select
        *,
        row_number() over (
            partition by subscription_id, item_id, started_on
            order by start_date desc, unit_amount desc, id desc
        ) as line_rank
    from billed
),

final as (
    select
        subscription_id,
        item_id,
        started_on,
        ended_on,
        plan_id,
        unit_amount,
        quantity,
        {%- if source_setting('recurly', 'discounts', 'billed') == 'none' %}
        cast(null as decimal(18, 4)) as subtotal,
        cast(null as decimal(18, 4)) as discount
        {%- else %}
        coalesce(subtotal, unit_amount * coalesce(quantity, 1)) as subtotal,
        coalesce(discount, 0) as discount
        {%- endif %}
    from ranked
    where line_rank = 1
)

select * from final
