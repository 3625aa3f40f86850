-- Grain: one row per accepted account and month of the billing system's report.
with base as (
    select * from {{ ref('base_mrr_reported') }}
),

accepted as (
    select
        account_id,
        date_month,
        mrr,
        currency
    from base
    where rejection_reason is null
)

select * from accepted
