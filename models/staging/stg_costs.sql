-- Grain: one row per month, kind of cost and channel, accepted.
with base as (
    select * from {{ ref('base_costs') }}
),

accepted as (
    select
        date_month,
        cost_type,
        channel,
        amount,
        currency
    from base
    where rejection_reason is null
)

select * from accepted
