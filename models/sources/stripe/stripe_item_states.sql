-- Grain: one row per subscription item and day on which its price or quantity was new
-- (subscription_id, item_id, started_on): of the past by invoice lines, of today by the
-- item itself.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with lines as (
    select * from {{ ref('stripe_lines') }}
),

current_items as (
    select * from {{ ref('stripe_current_items') }}
),

prices as (
    select * from {{ ref('stripe_prices') }}
),

-- a change inside a period is a charge for the new state beside a credit for the old one
charges as (
    select
        subscription_id,
        item_id,
        cast(period_start as date) as started_on,
        price_id,
        quantity,
        case when not is_proration then amount end as period_amount,
        row_number() over (
            partition by subscription_id, item_id, cast(period_start as date)
            order by period_start desc, invoiced_at desc nulls last, amount desc, price_id
        ) as charge_rank
    from lines
    where not is_credit and invoice_status <> 'void'
),

billed as (
    select * from charges where charge_rank = 1
),

last_billed as (
    select
        subscription_id,
        item_id,
        max(started_on) as started_on,
        max_by(price_id, started_on) as price_id,
        max_by(quantity, started_on) as quantity,
        max_by(period_amount, started_on) as period_amount
    from billed
    group by subscription_id, item_id
),

-- the state that the item has today, from the day on which it is known: never before
today as (
    select
        current_items.subscription_id,
        current_items.item_id,
        case
            when last_billed.item_id is null then current_items.created_on
            else greatest(last_billed.started_on, current_items.known_on)
        end as started_on,
        current_items.price_id,
        current_items.quantity,
        last_billed.period_amount
    from current_items
    left join last_billed
        on
            current_items.subscription_id = last_billed.subscription_id
            and current_items.item_id = last_billed.item_id
    where
        last_billed.item_id is null
        or current_items.price_id <> last_billed.price_id
        or coalesce(current_items.quantity, 1) <> coalesce(last_billed.quantity, 1)
),

states as (
    select
        subscription_id,
        item_id,
        started_on,
        price_id,
        quantity,
        period_amount
    from billed
    -- a state known on the day of a bill is newer than the bill
    where not exists (
        select 1
        from today
        where
            today.subscription_id = billed.subscription_id
            and today.item_id = billed.item_id
            and today.started_on = billed.started_on
    )
    union all
    select
        subscription_id,
        item_id,
        started_on,
        price_id,
        quantity,
        period_amount
    from today
),

-- a tiered price has no amount a unit: what the last whole period cost holds until the
-- next bill
with_amounts as (
    select
        *,
        count(period_amount) over (
            partition by subscription_id, item_id
            order by started_on
            rows between unbounded preceding and current row
        ) as bill_number
    from states
),

filled as (
    select
        *,
        max(period_amount) over (partition by subscription_id, item_id, bill_number)
            as last_period_amount
    from with_amounts
),

packed as (
    select
        filled.subscription_id,
        filled.item_id,
        filled.started_on,
        filled.quantity,
        filled.last_period_amount,
        prices.plan,
        prices.billing_interval,
        prices.term_months,
        prices.currency,
        prices.decimals,
        prices.multiplier,
        prices.divisor,
        prices.unit_minor,
        case prices.package_rounding
            when 'down'
                then floor(coalesce(filled.quantity, 1) / prices.units_in_package)
            else ceil(coalesce(filled.quantity, 1) / prices.units_in_package)
        end as packages
    from filled
    inner join prices on filled.price_id = prices.price_id
),

final as (
    select
        subscription_id,
        item_id,
        started_on,
        plan,
        billing_interval,
        term_months,
        currency,
        decimals,
        multiplier,
        divisor,
        quantity as seats,
        {{ exact_ratio(
            'cast(coalesce(unit_minor * cast(packages as bigint), last_period_amount, 0) as decimal(28, 8)) * multiplier',
            'divisor * ' ~ stripe_minor_units('decimals'),
            4
        ) }} as list_amount
    from packed
)

select * from final
