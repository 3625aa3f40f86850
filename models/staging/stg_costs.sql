-- Grain: one row per month and kind of cost, accepted.
with base as (
    select * from {{ ref('base_costs') }}
),

accepted as (
    select
        date_month,
        cost_type,
        amount,
        currency
    from base
    where rejection_reason is null
)

select * from accepted
