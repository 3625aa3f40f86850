-- The newest month against the median of the six before.
with months as (
    select
        date_month,
        sum(amount) as amount,
        row_number() over (order by date_month desc) as months_back
    from {{ table }}
    where rejection_reason is null and date_month <= date '{{ as_of }}'
    group by date_month
),

compared as (
    select
        max(amount) filter (where months_back = 1) as amount,
        median(amount) filter (where months_back between 2 and 7) as usual,
        count(*) as months
    from months
)

select
    case when months >= 7 and usual > 0 then amount / usual end as factor,
    'the newest month costs ' || round(amount / usual, 1)
    || ' times the median of the six before' as message
from compared
