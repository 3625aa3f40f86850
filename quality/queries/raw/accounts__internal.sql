select
    case
        when count(*) >= {{ small }} then count(*) filter (where is_internal) / count(*)
    end
        as share,
    count(*) filter (where is_internal)
    || ' of '
    || count(*)
    || ' accounts internal' as message
from {{ table }}
where rejection_reason is null
