-- Whole histories that are inverted. The currencies' usual values in USD are rough
-- (bounds.yml), which is enough for those far from the base currency.
with usual as (
    {%- for currency, worth in worth_in_usd.items() %}
    select
        '{{ currency }}' as currency,
        {{ worth / worth_in_usd.get(base_currency, 0) if base_currency in worth_in_usd
            else 'cast(null as double)' }} as rate
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

delivered as (
    select
        currency,
        cast(median(rate_to_base) as double) as rate
    from {{ table }}
    where rejection_reason is null and currency != '{{ base_currency }}'
    group by currency
),

compared as (
    select
        delivered.currency,
        delivered.rate,
        usual.rate as usual_rate,
        abs(ln(delivered.rate * usual.rate))
        < 0.5 * abs(ln(delivered.rate / usual.rate))
            as is_inverted
    from delivered
    inner join usual on delivered.currency = usual.currency
    where abs(ln(usual.rate)) >= 0.2
)

select
    count(*) filter (where is_inverted) as inverted,
    coalesce(
        string_agg(
            currency || ' ' || round(rate, 4) || ' where about ' || round(usual_rate, 4)
            || ' is usual', ', ' order by currency
        ) filter (where is_inverted),
        'no rate is the wrong way round'
    ) as message
from compared
