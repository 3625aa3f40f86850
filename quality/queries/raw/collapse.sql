-- The last seven days of the data against the median of the eight weeks before. Weeks
-- are counted back from the newest row: late rows are checked by `freshness`. Where the
-- same weeks of last year dropped as well (Christmas, a summer break), the drop is
-- expected. Fewer than 100 rows a week, or few accounts, are not compared.
with accepted as (
    select
        date_day,
        account_id,
        row_count
    from {{ table }}
    where rejection_reason is null and date_day <= date '{{ as_of }}'
),

span as (
    select
        min(date_day) as first_day,
        max(date_day) as last_day
    from accepted
),

counted as (
    select
        (span.last_day - accepted.date_day) // 7 as weeks_back,
        sum(accepted.row_count) as row_count,
        count(distinct accepted.account_id) as accounts
    from accepted
    cross join span
    where accepted.date_day > span.last_day - 62 * 7
    group by weeks_back
),

weeks as (
    select
        series.weeks_back,
        coalesce(counted.row_count, 0) as row_count,
        coalesce(counted.accounts, 0) as accounts
    from range(62) as series (weeks_back)
    left join counted on series.weeks_back = counted.weeks_back
),

compared as (
    select
        max(row_count) filter (where weeks_back = 0) as row_count,
        max(accounts) filter (where weeks_back = 0) as accounts,
        median(row_count) filter (where weeks_back between 1 and 8) as usual_rows,
        median(accounts) filter (where weeks_back between 1 and 8) as usual_accounts,
        least(
            1,
            min(row_count) filter (where weeks_back between 51 and 53)
            / nullif(median(row_count) filter (where weeks_back between 54 and 61), 0)
        ) as season_rows,
        least(
            1,
            min(accounts) filter (where weeks_back between 51 and 53)
            / nullif(median(accounts) filter (where weeks_back between 54 and 61), 0)
        ) as season_accounts
    from weeks
),

expected as (
    select
        compared.row_count,
        compared.accounts,
        compared.usual_rows,
        compared.usual_accounts,
        compared.usual_rows * case
            when span.last_day - span.first_day >= 62 * 7 - 1
                then coalesce(compared.season_rows, 1)
            else 1
        end as expected_rows,
        compared.usual_accounts * case
            when span.last_day - span.first_day >= 62 * 7 - 1
                then coalesce(compared.season_accounts, 1)
            else 1
        end as expected_accounts,
        span.last_day - span.first_day >= 9 * 7
        and compared.usual_rows >= 100
        and compared.usual_accounts >= {{ small }} as is_enough
    from compared
    cross join span
)

select
    case when is_enough then row_count / nullif(expected_rows, 0) end as rows_kept,
    case when is_enough then accounts / nullif(expected_accounts, 0) end
        as accounts_kept,
    case when is_enough then row_count / usual_rows end as rows_ratio,
    row_count || ' rows of ' || accounts || ' accounts in the last seven days, '
    || usual_rows || ' of ' || usual_accounts || ' are usual' as message
from expected
