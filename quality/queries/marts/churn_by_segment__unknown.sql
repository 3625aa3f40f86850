-- Attributes that are unknown for some customers, in the latest month. One that is
-- unknown for all is not delivered.
with months as (
    select
        segment_type,
        segment_value,
        customers_at_start,
        date_month = max(date_month) over () as is_latest
    from {{ table }}
),

segments as (
    select
        segment_type,
        coalesce(
            sum(customers_at_start) filter (where segment_value = 'unknown'), 0
        ) / sum(customers_at_start) as share
    from months
    where is_latest
    group by segment_type
    having sum(customers_at_start) >= {{ small }}
)

select
    max(share) as highest,
    max_by(segment_type, share) || ' is unknown of ' || round(100 * max(share))
    || '% of customers' as message
from segments
where share < 1
