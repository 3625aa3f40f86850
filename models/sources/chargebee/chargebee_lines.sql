-- Grain: one row per subscription, item and day from which it was billed
-- (subscription_id, item_id, started_on). The plan's item is plan, others are addons.
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
with lines as (
    select * from {{ source_table('chargebee', 'invoice_line_items') }}
),

invoices as (
    select * from {{ source_table('chargebee', 'invoices') }}
),

prices as (
    select * from {{ ref('chargebee_prices') }}
),

subscriptions as (
    select * from {{ ref('chargebee_subscription_dates') }}
),

-- one-off charges and usage are no terms; a pending or voided invoice bills nothing
billed as (
    select
        lines.id,
        lines.subscription_id,
        case
            when lines.entity_type in ('plan', 'plan_item_price') then 'plan'
            else lines.entity_id
        end as item_id,
        lines.entity_id as price_id,
        lines.quantity,
        cast(lines.date_from as date) as started_on,
        {{ chargebee_end_date('lines.date_to') }} as ended_on,
        lines.date_from,
        coalesce(
            cast(lines.amount_in_decimal as decimal(18, 4)),
            {{ exact_ratio('greatest(lines.amount, 0)', 'subscriptions.minor_units', 4) }}
        ) as amount,
        {{ exact_ratio(
            'greatest(coalesce(lines.discount_amount, 0), 0)', 'subscriptions.minor_units', 4
        ) }} as discount,
        prices.period,
        prices.period_unit,
        subscriptions.billing_period,
        subscriptions.billing_period_unit
    from lines
    inner join invoices on lines.invoice_id = invoices.id
    inner join subscriptions on lines.subscription_id = subscriptions.subscription_id
    left join prices on lines.entity_id = prices.price_id
    where
        lines.entity_type in ('plan', 'plan_item_price', 'addon', 'addon_item_price')
        and invoices.status not in ('pending', 'voided')
        and not coalesce(invoices.deleted, false)
        and coalesce(prices.is_recurring, true)
),

-- a line of less than a period is a change inside one
compared as (
    select
        *,
        {{ is_whole_period('started_on', 'ended_on', 'period', 'period_unit') }}
            as is_own_period,
        {{ is_whole_period('started_on', 'ended_on', 'billing_period', 'billing_period_unit') }}
            as is_billing_period
    from billed
),

ranked as (
    select
        *,
        row_number() over (
            partition by subscription_id, item_id, started_on
            order by
                case when is_own_period or is_billing_period then 0 else 1 end,
                date_from desc,
                amount desc,
                id desc
        ) as line_rank
    from compared
),

final as (
    select
        subscription_id,
        item_id,
        started_on,
        ended_on,
        price_id,
        quantity,
        amount,
        discount,
        is_own_period or is_billing_period as is_whole,
        case
            when is_own_period then period
            when is_billing_period then billing_period
        end as period,
        case
            when is_own_period then period_unit
            when is_billing_period then billing_period_unit
        end as period_unit
    from ranked
    where line_rank = 1
)

select * from final
