-- Churn rates of the last twelve months.
with months as (
    select churn_rate
    from {{ table }}
    where
        is_complete_month
        and customers_at_start >= {{ small }}
        and date_month >= date_trunc('month', date '{{ as_of }}') - interval 12 month
)

select
    case when count(*) >= 3 then avg(churn_rate) end as mean,
    case when count(*) >= 12 then max(churn_rate) end as highest_of_year,
    'churn of the last ' || count(*) || ' months: mean '
    || round(100 * avg(churn_rate), 2) || '%, highest '
    || round(100 * max(churn_rate), 2) || '%' as message
from months
