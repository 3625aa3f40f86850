select
    case when count(*) >= {{ small }} then count_if(is_internal) / count(*) end
        as share,
    count_if(is_internal) || ' of ' || count(*) || ' accounts internal' as message
from {{ table }}
where rejection_reason is null
