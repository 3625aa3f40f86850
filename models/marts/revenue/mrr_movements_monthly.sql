-- Grain: one row per month and kind of movement that happened in it (date_month,
-- movement_type); the open month as of as_of_date.
with movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month' and movement_type is not null
),

months as (
    select * from {{ ref('int_months') }}
),

summed as (
    select
        months.date_month,
        movements.movement_type,
        count(*) as accounts,
        cast(sum(movements.mrr_change) as decimal(18, 4)) as mrr_change,
        months.is_complete_month
    from movements
    inner join months on movements.period_start = months.date_month
    group by months.date_month, movements.movement_type, months.is_complete_month
)

select * from summed
