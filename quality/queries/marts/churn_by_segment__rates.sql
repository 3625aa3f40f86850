-- The segment with the highest mean churn of the last year.
with segments as (
    select
        segment_type,
        segment_value,
        avg(churn_rate) as churn_rate
    from {{ table }}
    where
        customers_at_start >= {{ small }}
        and date_month >= date_trunc('month', date '{{ as_of }}') - interval 12 month
        and date_month < date_trunc('month', date '{{ as_of }}')
    group by segment_type, segment_value
    having count(*) >= 3
)

select
    max(churn_rate) as highest,
    'mean churn of ' || max_by(segment_type || ' ' || segment_value, churn_rate)
    || ' is ' || round(100 * max(churn_rate), 1) || '%' as message
from segments
