-- The share of one user in all rows, of the last 30 days and of all: a bot counted as a
-- person can make up half of them.
with users as (
    select
        user_id,
        sum(row_count) as row_count,
        coalesce(
            sum(row_count) filter (where date_day > date '{{ as_of }}' - 30), 0
        ) as recent
    from {{ table }}
    where
        rejection_reason is null
        and date_day <= date '{{ as_of }}'
        and user_id is not null
    group by user_id
),

shares as (
    select
        case
            when
                count(*) filter (where recent > 0) >= {{ small }} and sum(recent) >= 300
                then max(recent) / sum(recent)
        end as recent_share,
        case
            when count(*) >= {{ small }} and sum(row_count) >= 300
                then max(row_count) / sum(row_count)
        end as share_of_all,
        max_by(user_id, recent) as recent_user,
        max(recent) as recent_rows,
        sum(recent) as all_recent_rows,
        max_by(user_id, row_count) as top_user,
        max(row_count) as top_rows,
        sum(row_count) as all_rows
    from users
)

select
    greatest(recent_share, share_of_all) as share,
    case
        when coalesce(recent_share, 0) >= coalesce(share_of_all, 0)
            then
                'user ' || recent_user || ' made ' || recent_rows || ' of the '
                || all_recent_rows || ' rows of the last 30 days'
        else 'user ' || top_user || ' made ' || top_rows || ' of all ' || all_rows
    end as message
from shares
