-- Grain: one row per currency and day, accepted.
with base as (
    select * from {{ ref('base_exchange_rates') }}
),

accepted as (
    select
        currency,
        rate_date,
        rate_to_base
    from base
    where rejection_reason is null
)

select * from accepted
