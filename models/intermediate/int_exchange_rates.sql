-- Grain: one row per currency and day from which a rate is effective (currency,
-- valid_from).
with rates as (
    select * from {{ ref('stg_exchange_rates') }}
    where currency <> '{{ var("base_currency") }}'
),

-- a rate is effective until the next one
intervals as (
    select
        currency,
        rate_date as valid_from,
        lead(rate_date) over (partition by currency order by rate_date) as valid_to,
        rate_to_base
    from rates
),

-- the base currency is always 1, even if the table has another value
with_base as (
    select * from intervals
    union all
    select
        '{{ var("base_currency") }}' as currency,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        cast(1 as decimal(22, 8)) as rate_to_base
)

select * from with_base
