-- The sum of all amounts in the base currency, subscriptions by the year. Money columns
-- hold less than 10^14, and a metric adds amounts up over months: far above real
-- money, and rejected by no rule, such rows would stop the build halfway.
with amounts as (
    select
        row_key,
        currency,
        cast(amount as double)
        {%- if name == 'subscriptions' %} * case billing_interval
            when 'week' then 52
            when 'month' then 12
            when 'quarter' then 4
            when 'half_year' then 2
            else 1
        end
        {%- endif %} as amount
    from {{ table }}
    where rejection_reason is null and amount is not null
),

rates as (
    {%- if 'exchange_rates' in present %}
    select
        currency,
        cast(arg_max(rate_to_base, rate_date) as double) as rate_to_base
    from staging.base_exchange_rates
    where
        rejection_reason is null
        and rate_date <= date '{{ as_of }}'
        and currency != '{{ base_currency }}'
    group by currency
    {%- else %}
    select
        '' as currency,
        1 as rate_to_base
    {%- endif %}
),

converted as (
    select
        amounts.row_key,
        amounts.currency,
        amounts.amount * coalesce(rates.rate_to_base, 1) as amount
    from amounts
    left join rates on amounts.currency = rates.currency
),

ranked as (
    select
        *,
        row_number() over (order by amount desc, row_key asc) as place
    from converted
)

select
    sum(amount) as total,
    'the largest in {{ base_currency }}: '
    || string_agg(row_key || ' ' || format('{:,.0f}', amount), ', ' order by place)
    filter (where place <= 3) as message
from ranked
