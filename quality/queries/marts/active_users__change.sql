with ends as (
    select
        max(mau) filter (where date_day = date '{{ as_of }}') as mau,
        max(mau) filter (where date_day = date '{{ as_of }}' - 30) as before
    from {{ table }}
)

select
    case when before >= 100 then mau / before end as kept,
    mau || ' users active in the month, ' || before || ' 30 days ago' as message
from ends
