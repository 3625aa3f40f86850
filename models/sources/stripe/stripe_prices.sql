-- Grain: one row per recurring price of a licence (price_id), as the contract bills it.
-- Metered prices are left out: what was used is no recurring revenue, as at Stripe.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with prices as (
    select * from {{ source_table('stripe', 'price') }}
),

products as (
    select * from {{ source_table('stripe', 'product') }}
),

currencies as (
    select * from {{ ref('stripe_currencies') }}
),

recurring as (
    select
        *,
        upper(currency) as currency_code,
        coalesce(recurring_interval_count, 1) as intervals,
        coalesce(unit_amount_decimal, unit_amount) as unit_minor
    from prices
    where recurring_interval is not null and coalesce(recurring_usage_type, '') <> 'metered'
),

-- months between two invoices; null where they are days or weeks
in_months as (
    select
        *,
        case recurring_interval
            when 'month' then intervals
            when 'year' then 12 * intervals
        end as months
    from recurring
),

final as (
    select
        in_months.id as price_id,
        in_months.product_id,
        coalesce(products.name, in_months.nickname, in_months.id) as plan,
        in_months.currency_code as currency,
        coalesce(currencies.decimals, 2) as decimals,
        case
            when in_months.recurring_interval in ('day', 'week') then 'week'
            when in_months.months = 3 then 'quarter'
            when in_months.months = 6 then 'half_year'
            when mod(in_months.months, 12) = 0 then 'year'
            else 'month'
        end as billing_interval,
        -- an invoice of two years is half as much a year: amount * multiplier / divisor
        case when in_months.recurring_interval = 'day' then 7 else 1 end as multiplier,
        case
            when in_months.recurring_interval in ('day', 'week') then in_months.intervals
            when in_months.months in (3, 6) then 1
            when mod(in_months.months, 12) = 0 then cast(floor(in_months.months / 12) as bigint)
            else in_months.months
        end as divisor,
        case
            when in_months.months not in (1, 3, 6, 12) then in_months.months
        end as term_months,
        case
            when coalesce(in_months.billing_scheme, 'per_unit') <> 'tiered'
                then in_months.unit_minor
        end as unit_minor,
        coalesce(in_months.transform_quantity_divide_by, 1) as units_in_package,
        coalesce(in_months.transform_quantity_round, 'up') as package_rounding
    from in_months
    left join products on in_months.product_id = products.id
    left join currencies on in_months.currency_code = currencies.currency
)

select * from final
