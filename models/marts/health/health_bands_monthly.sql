-- Grain: one row per month and health band that has accounts (date_month, health_band);
-- the open month as of as_of_date.
with account_health as (
    select * from {{ ref('int_account_health') }}
    where health_band is not null
),

counted as (
    select
        date_month,
        health_band,
        count(*) as accounts,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        is_complete_month
    from account_health
    group by date_month, health_band, is_complete_month
)

select * from counted
