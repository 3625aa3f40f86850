-- Rows that staging accepted, and why it rejected the others. Rows filtered or deleted
-- at the source (rule 70) are not bad rows, nor are merged accounts (rule 75).
with reasons as (
    select
        rejection_reason,
        {{ 'sum(row_count)' if 'row_count' in columns else 'count(*)' }} as row_count
    from {{ table }}
    where
        coalesce(rejection_reason, 'accepted')
        not in ('filtered', 'deleted_at_source', 'merged_account')
    group by rejection_reason
),

ranked as (
    select
        rejection_reason,
        row_count,
        row_number() over (
            order by rejection_reason is null, row_count desc, rejection_reason asc
        ) as place
    from reasons
),

totals as (
    select
        sum(row_count) as row_count,
        coalesce(sum(row_count) filter (where rejection_reason is null), 0) as accepted,
        string_agg(rejection_reason || ' ' || row_count, ', ' order by place)
        filter (where place <= 3 and rejection_reason is not null) as reasons
    from ranked
)

select
    accepted / nullif(row_count, 0) as share,
    case when row_count >= {{ small }} then accepted / row_count end as share_of_many,
    accepted || ' of ' || row_count || ' rows accepted'
    || coalesce(' (' || reasons || ')', '') as message
from totals
