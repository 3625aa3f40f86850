-- Grain: one row per subscription item and day from which its terms hold
-- (subscription_id, item_id, started_on). The plan's item is plan, others are addons.
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
{% set text = dbt.type_string() %}
with subscription_rows as (
    select * from {{ source_table('chargebee', 'subscriptions') }}
),

items as (
    select * from {{ source_table('chargebee', 'subscription_items') }}
),

addons as (
    select * from {{ source_table('chargebee', 'subscription_addons') }}
),

subscriptions as (
    select * from {{ ref('chargebee_subscription_dates') }}
),

lines as (
    select * from {{ ref('chargebee_lines') }}
),

prices as (
    select * from {{ ref('chargebee_prices') }}
),

-- what a subscription consists of today, in both product catalogs
listed as (
    select
        subscription_id,
        case when item_type = 'plan' then 'plan' else item_price_id end as item_id,
        item_price_id as price_id,
        quantity,
        amount,
        amount_in_decimal
    from items
    where item_type in ('plan', 'addon')
    union all
    select
        id as subscription_id,
        'plan' as item_id,
        plan_id as price_id,
        plan_quantity as quantity,
        plan_amount as amount,
        plan_amount_in_decimal as amount_in_decimal
    from subscription_rows
    where
        plan_id is not null
        and id not in (select subscription_id from items where item_type = 'plan')
    union all
    select
        subscription_id,
        id as item_id,
        id as price_id,
        quantity,
        amount,
        amount_in_decimal
    from addons
),

-- an amount is per period of the item, else of the subscription
current_items as (
    select
        listed.subscription_id,
        listed.item_id,
        listed.price_id,
        listed.quantity,
        coalesce(
            cast(listed.amount_in_decimal as decimal(18, 4)),
            {{ exact_ratio('listed.amount', 'subscriptions.minor_units', 4) }}
        ) as amount,
        coalesce(prices.period, subscriptions.billing_period) as period,
        case
            when prices.period is not null then prices.period_unit
            else subscriptions.billing_period_unit
        end as period_unit
    from listed
    inner join subscriptions on listed.subscription_id = subscriptions.subscription_id
    left join prices on listed.price_id = prices.price_id
    where coalesce(prices.is_recurring, true)
),

whole as (
    select * from lines where is_whole
),

last_bills as (
    select
        subscription_id,
        item_id,
        max(started_on) as started_on,
        max_by(price_id, started_on) as price_id,
        max_by(quantity, started_on) as quantity,
        max_by(amount, started_on) as amount,
        max_by(period, started_on) as period,
        max_by(period_unit, started_on) as period_unit
    from whole
    group by subscription_id, item_id
),

-- terms of today that no bill has: they hold since the last change of the subscription at
-- the latest, never before; from the start only where nothing was billed at all
today as (
    select
        current_items.subscription_id,
        current_items.item_id,
        case
            when last_bills.item_id is not null
                then greatest(last_bills.started_on, subscriptions.changed_on)
            when exists (
                select 1
                from lines
                where lines.subscription_id = current_items.subscription_id
            )
                then greatest(subscriptions.started_on, subscriptions.changed_on)
            else subscriptions.started_on
        end as started_on,
        current_items.price_id,
        current_items.quantity,
        current_items.amount,
        current_items.period,
        current_items.period_unit
    from current_items
    inner join subscriptions
        on current_items.subscription_id = subscriptions.subscription_id
    left join last_bills
        on
            current_items.subscription_id = last_bills.subscription_id
            and current_items.item_id = last_bills.item_id
    where
        last_bills.item_id is null
        or current_items.price_id <> last_bills.price_id
        or coalesce(current_items.quantity, 1) <> coalesce(last_bills.quantity, 1)
        or (
            current_items.period = last_bills.period
            and current_items.period_unit = last_bills.period_unit
            and current_items.amount <> last_bills.amount
        )
),

-- a line of part of a period says since when a price and a quantity hold; what they cost
-- says the next whole bill of them, or the subscription today
partial_lines as (
    select
        subscription_id,
        item_id,
        started_on,
        price_id,
        quantity
    from lines
    where not is_whole
),

next_bills as (
    select
        partial_lines.subscription_id,
        partial_lines.item_id,
        partial_lines.started_on,
        min_by(whole.amount, whole.started_on) as amount,
        min_by(whole.period, whole.started_on) as period,
        min_by(whole.period_unit, whole.started_on) as period_unit
    from partial_lines
    inner join whole
        on
            partial_lines.subscription_id = whole.subscription_id
            and partial_lines.item_id = whole.item_id
            and partial_lines.price_id = whole.price_id
            and coalesce(partial_lines.quantity, 1) = coalesce(whole.quantity, 1)
            and partial_lines.started_on <= whole.started_on
    group by
        partial_lines.subscription_id, partial_lines.item_id, partial_lines.started_on
),

changed as (
    select
        partial_lines.subscription_id,
        partial_lines.item_id,
        partial_lines.started_on,
        partial_lines.price_id,
        partial_lines.quantity,
        coalesce(next_bills.amount, current_items.amount) as amount,
        coalesce(next_bills.period, current_items.period) as period,
        coalesce(next_bills.period_unit, current_items.period_unit) as period_unit
    from partial_lines
    left join next_bills
        on
            partial_lines.subscription_id = next_bills.subscription_id
            and partial_lines.item_id = next_bills.item_id
            and partial_lines.started_on = next_bills.started_on
    left join current_items
        on
            partial_lines.subscription_id = current_items.subscription_id
            and partial_lines.item_id = current_items.item_id
            and partial_lines.price_id = current_items.price_id
            and coalesce(partial_lines.quantity, 1) = coalesce(current_items.quantity, 1)
    where next_bills.item_id is not null or current_items.item_id is not null
),

-- an addon that is no longer listed went with the last change of the subscription at the
-- latest, or with the end of what was billed
removed as (
    select
        lines.subscription_id,
        lines.item_id,
        least(max(lines.ended_on), greatest(max(lines.started_on), max(subscriptions.changed_on)))
            as ended_on
    from lines
    inner join subscriptions on lines.subscription_id = subscriptions.subscription_id
    left join current_items
        on
            lines.subscription_id = current_items.subscription_id
            and lines.item_id = current_items.item_id
    where lines.item_id <> 'plan' and current_items.item_id is null
    group by lines.subscription_id, lines.item_id
),

-- where several hold on a day, the one with the highest rank counts
every_state as (
    select
        subscription_id,
        item_id,
        started_on,
        3 as state_rank,
        price_id,
        quantity,
        amount,
        cast(null as decimal(18, 4)) as discount,
        period,
        period_unit,
        false as is_removed
    from today
    union all
    select
        subscription_id,
        item_id,
        started_on,
        2 as state_rank,
        price_id,
        quantity,
        amount,
        discount,
        period,
        period_unit,
        false as is_removed
    from whole
    union all
    select
        subscription_id,
        item_id,
        started_on,
        1 as state_rank,
        price_id,
        quantity,
        amount,
        cast(null as decimal(18, 4)) as discount,
        period,
        period_unit,
        false as is_removed
    from changed
    union all
    select
        subscription_id,
        item_id,
        ended_on as started_on,
        0 as state_rank,
        cast(null as {{ text }}) as price_id,
        cast(null as bigint) as quantity,
        cast(null as decimal(18, 4)) as amount,
        cast(null as decimal(18, 4)) as discount,
        cast(null as bigint) as period,
        cast(null as {{ text }}) as period_unit,
        true as is_removed
    from removed
),

ranked as (
    select
        *,
        row_number() over (
            partition by subscription_id, item_id, started_on order by state_rank desc
        ) as day_rank
    from every_state
),

-- what a bill took off holds until the next one
numbered as (
    select
        *,
        case when discount is not null then amount end as billed_amount,
        count(discount) over (
            partition by subscription_id, item_id
            order by started_on
            rows between unbounded preceding and current row
        ) as bill_number,
        case period_unit
            when 'month' then period
            when 'year' then 12 * period
        end as months
    from ranked
    where day_rank = 1
),

filled as (
    select
        *,
        max(billed_amount) over (partition by subscription_id, item_id, bill_number)
            as bill_amount,
        max(discount) over (partition by subscription_id, item_id, bill_number)
            as bill_discount
    from numbered
),

-- a bill of two years is half as much a year: amount * multiplier / divisor
in_intervals as (
    select
        *,
        case
            when period_unit in ('day', 'week') then 'week'
            when months = 3 then 'quarter'
            when months = 6 then 'half_year'
            when mod(months, 12) = 0 then 'year'
            when months is not null then 'month'
        end as billing_interval,
        case when period_unit = 'day' then 7 else 1 end as multiplier,
        case
            when period_unit in ('day', 'week') then period
            when months in (3, 6) then 1
            when mod(months, 12) = 0 then cast(floor(months / 12) as bigint)
            else months
        end as divisor
    from filled
),

converted as (
    select
        *,
        {{ exact_ratio('amount * multiplier', 'divisor', 4) }} as list_amount
    from in_intervals
),

final as (
    select
        converted.subscription_id,
        converted.item_id,
        converted.started_on,
        coalesce(prices.plan, converted.price_id) as plan,
        converted.billing_interval,
        case when converted.months not in (1, 3, 6, 12) then converted.months end as term_months,
        converted.quantity as seats,
        subscriptions.currency,
        converted.list_amount,
        {%- if source_setting('chargebee', 'discounts', 'billed') == 'none' %}
        converted.list_amount as amount,
        {%- else %}
        case
            when converted.bill_amount > 0
                then {{ exact_ratio(
                    'cast(converted.list_amount'
                    ~ ' * greatest(converted.bill_amount - converted.bill_discount, 0)'
                    ~ ' as decimal(38, 8))',
                    'converted.bill_amount',
                    4
                ) }}
            else converted.list_amount
        end as amount,
        {%- endif %}
        converted.is_removed
    from converted
    inner join subscriptions on converted.subscription_id = subscriptions.subscription_id
    left join prices on converted.price_id = prices.price_id
)

select * from final
