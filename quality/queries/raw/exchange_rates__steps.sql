-- The largest step of a rate within a year; and rates that jump to their own inverse.
with rates as (
    select
        currency,
        rate_date,
        cast(rate_to_base as double) as rate,
        lag(cast(rate_to_base as double)) over (
            partition by currency order by rate_date
        ) as rate_before
    from {{ table }}
    where rejection_reason is null and rate_date <= date '{{ as_of }}'
),

steps as (
    select
        currency,
        rate_date,
        greatest(rate / rate_before, rate_before / rate) as factor,
        -- a step of more than a tenth that ends within 3% of the inverse
        abs(ln(rate / rate_before)) > 0.1
        and abs(ln(rate * rate_before)) < 0.03 as is_inverted
    from rates
    where rate_before is not null
)

select
    max(factor) filter (where rate_date > date '{{ as_of }}' - 366) as factor,
    count(*) filter (where is_inverted) as inversions,
    'the largest change is ' || round(max(factor), 2) || '-fold, '
    || max_by(currency, factor) || ' on ' || max_by(rate_date, factor)
    || coalesce(
        '; turned round are ' || string_agg(
            currency || ' on ' || rate_date, ', ' order by rate_date, currency
        ) filter (where is_inverted),
        ''
    ) as message
from steps
