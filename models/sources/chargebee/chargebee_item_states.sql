-- Grain: one row per subscription item and day from which its terms hold
-- (subscription_id, item_id, started_on). The plan's item is plan, others are addons.
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
with lines as (
    select * from {{ ref('chargebee_lines') }}
),

unbilled_states as (
    select * from {{ ref('chargebee_unbilled_states') }}
),

subscriptions as (
    select * from {{ ref('chargebee_subscription_dates') }}
),

prices as (
    select * from {{ ref('chargebee_prices') }}
),

-- where several hold on a day, the one with the highest rank counts
every_state as (
    select
        subscription_id,
        item_id,
        started_on,
        state_rank,
        price_id,
        quantity,
        amount,
        cast(null as decimal(18, 4)) as discount,
        period,
        period_unit,
        is_removed
    from unbilled_states
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
    from lines
    where is_whole
),

ranked as (
    select
        *,
        row_number() over (
            partition by subscription_id, item_id, started_on order by state_rank desc
        ) as day_rank
    from every_state
),

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
