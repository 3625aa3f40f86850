-- Currencies of in-scope amounts whose rate has not changed for long, although it did
-- before: since the newest rate, or since the last different value where they are only
-- repeated.
with used as (
    {%- for other, first_date in (
        ('subscriptions', "coalesce(ended_on, date '9999-12-31')"),
        ('invoices', 'issued_on'),
        ('costs', 'date_month'),
    ) if other in present %}
    select distinct currency
    from staging.base_{{ other }}
    where rejection_reason is null and {{ first_date }} > date '{{ as_of }}' - 92
    union
    {%- endfor %}
    select '' as currency
),

rates as (
    select
        currency,
        rate_date,
        rate_date - lag(rate_date) over by_date as days_between,
        coalesce(rate_to_base != lag(rate_to_base) over by_date, true) as is_changed
    from {{ table }}
    where rejection_reason is null and rate_date <= date '{{ as_of }}'
    window by_date as (partition by currency order by rate_date)
),

currencies as (
    select
        rates.currency,
        date '{{ as_of }}' - max(rates.rate_date) filter (where rates.is_changed)
            as age,
        max(rates.days_between) filter (
            where rates.rate_date > date '{{ as_of }}' - 457
        ) as longest_gap,
        -- the rate of a pegged currency never changes
        count(*) filter (where rates.is_changed) >= 4
        and avg(cast(rates.is_changed as integer)) >= 0.5
            as is_moving
    from rates
    inner join used on rates.currency = used.currency
    group by rates.currency
)

select
    max(case when is_moving and age > 2 * longest_gap then age else 0 end) as age,
    'the newest rate of ' || max_by(currency, age) || ' is ' || max(age)
    || ' days old' as message
from currencies
