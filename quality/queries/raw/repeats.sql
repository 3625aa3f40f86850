-- Rows beyond the first of one user in one second: the same events under new ids.
-- Shorter windows find them where only the newest days are read again (incremental
-- builds). Exports with dates instead of timestamps, or few users, are not checked.
with recent as (
    select
        user_id,
        date_day,
        row_count,
        repeated_rows,
        first_at = date_trunc('day', first_at) as is_without_time
    from {{ table }}
    where
        rejection_reason is null
        and date_day between date '{{ as_of }}' - 89 and date '{{ as_of }}'
),

windows as (
    select unnest([3, 7, 30, 90]) as days
),

shares as (
    select
        windows.days,
        count(distinct recent.user_id) as users,
        sum(recent.row_count) as row_count,
        sum(recent.repeated_rows) as repeated,
        avg(cast(recent.is_without_time as integer)) as without_time
    from windows
    inner join recent on recent.date_day > date '{{ as_of }}' - windows.days
    group by windows.days
),

compared as (
    select
        *,
        case
            when users >= {{ small }} and row_count >= 300 and without_time < 0.5
                then repeated / row_count
        end as share
    from shares
)

select
    max(share) as share,
    coalesce(max_by(repeated, share), 0) || ' of the '
    || coalesce(max_by(row_count, share), 0) || ' rows of the last '
    || coalesce(max_by(days, share), 90)
    || ' days repeat one of the same user and second' as message
from compared
