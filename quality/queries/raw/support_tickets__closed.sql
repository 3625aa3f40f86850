select
    case when count(*) >= 100 then count(closed_at) / count(*) end as share,
    count(closed_at) || ' of ' || count(*) || ' tickets closed that were opened more '
    || 'than 90 days ago' as message
from {{ table }}
where
    rejection_reason is null
    and cast(opened_at as date)
    between date '{{ as_of }}' - 365 and date '{{ as_of }}' - 90
