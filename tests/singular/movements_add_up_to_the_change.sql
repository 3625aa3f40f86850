-- A row returned is a month whose movements do not add up to the change of its MRR.
with movements as (
    select
        date_month,
        sum(mrr_change) as mrr_change
    from {{ ref('mrr_movements_monthly') }}
    group by date_month
)

select monthly_churn.date_month
from {{ ref('monthly_churn') }} as monthly_churn
left join movements on monthly_churn.date_month = movements.date_month
where
    monthly_churn.mrr_at_end - monthly_churn.mrr_at_start
    <> coalesce(movements.mrr_change, 0)
