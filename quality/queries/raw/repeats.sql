-- Rows beyond the first of one user in one second: the same events under new ids.
-- Exports with dates instead of timestamps, or few users, are not checked.
with recent as (
    select
        user_id,
        date_day > date '{{ as_of }}' - 30 as is_last_month,
        row_count,
        repeated_rows,
        first_at = date_trunc('day', first_at) as is_without_time
    from {{ table }}
    where
        rejection_reason is null
        and date_day between date '{{ as_of }}' - 89 and date '{{ as_of }}'
),

shares as (
    select
        count(distinct user_id) as users,
        sum(row_count) as row_count,
        sum(repeated_rows) as repeated,
        sum(row_count) filter (where is_last_month) as month_rows,
        sum(repeated_rows) filter (where is_last_month) as month_repeated,
        avg(cast(is_without_time as integer)) as without_time
    from recent
)

select
    case
        when users >= {{ small }} and without_time < 0.5
            then greatest(
                case when row_count >= 300 then repeated / row_count end,
                case when month_rows >= 300 then month_repeated / month_rows end
            )
    end as share,
    repeated || ' of the ' || row_count || ' rows of the last 90 days, '
    || coalesce(month_repeated, 0) || ' of the ' || coalesce(month_rows, 0)
    || ' of the last 30, repeat one of the same user and second' as message
from shares
