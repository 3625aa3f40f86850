select
    case
        when count(*) >= {{ small }}
            then
                count(*) filter (
                    where cast(deactivated_at as date) <= date '{{ as_of }}'
                )
                / count(*)
    end as share,
    count(*) filter (where cast(deactivated_at as date) <= date '{{ as_of }}')
    || ' of '
    || count(*)
    || ' users deactivated' as message
from {{ table }}
where rejection_reason is null
