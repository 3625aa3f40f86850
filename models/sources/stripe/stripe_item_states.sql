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

currencies as (
    select * from {{ ref('stripe_currencies') }}
),

-- a change inside a period is a charge for the new state beside a credit for the old one
charges as (
    select
        subscription_id,
        item_id,
        cast(period_start as date) as started_on,
        price_id,
        quantity,
        currency,
        case when not is_proration then amount end as period_amount,
        case when not is_proration then coalesce(quantity, 1) end as period_quantity,
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
        max_by(currency, started_on) as currency,
        max_by(period_amount, started_on) as period_amount,
        max_by(period_quantity, started_on) as period_quantity
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
        last_billed.currency,
        last_billed.period_amount,
        last_billed.period_quantity
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
        currency,
        period_amount,
        period_quantity
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
        currency,
        period_amount,
        period_quantity
    from today
),

-- what the last whole period cost holds until the next bill: of a tiered price, which has
-- no amount a unit, and of a price in another currency, whose amount in it is not known
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
            as last_period_amount,
        max(period_quantity) over (partition by subscription_id, item_id, bill_number)
            as last_period_quantity
    from with_amounts
),

packed as (
    select
        filled.subscription_id,
        filled.item_id,
        filled.started_on,
        filled.quantity,
        filled.last_period_amount,
        prices.product_id,
        prices.plan,
        prices.billing_interval,
        prices.term_months,
        coalesce(filled.currency, prices.currency) as currency,
        coalesce(currencies.decimals, 2) as decimals,
        prices.multiplier,
        prices.divisor,
        prices.unit_minor,
        prices.unit_minor is not null
        and coalesce(filled.currency, prices.currency) <> prices.currency
            as is_other_currency,
        {%- for name in ['quantity', 'last_period_quantity'] %}
        cast(
            case prices.package_rounding
                when 'down'
                    then floor(coalesce(filled.{{ name }}, 1) / prices.units_in_package)
                else ceil(coalesce(filled.{{ name }}, 1) / prices.units_in_package)
            end as bigint
        ) as {{ 'packages' if name == 'quantity' else 'billed_packages' }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from filled
    inner join prices on filled.price_id = prices.price_id
    left join currencies
        on coalesce(filled.currency, prices.currency) = currencies.currency
),

final as (
    select
        subscription_id,
        item_id,
        started_on,
        product_id,
        plan,
        billing_interval,
        term_months,
        currency,
        decimals,
        multiplier,
        divisor,
        quantity as seats,
        coalesce({{ exact_ratio(
            'cast(case when is_other_currency then last_period_amount * packages'
            ~ ' else coalesce(unit_minor * packages, last_period_amount) end'
            ~ ' as decimal(28, 8)) * multiplier',
            'divisor * case when is_other_currency then billed_packages else 1 end * '
            ~ stripe_minor_units('decimals'),
            4
        ) }}, 0) as list_amount
    from packed
)

select * from final
