-- Rule 84: one user id under many accounts in one month is a placeholder (`anonymous`),
-- or a colleague. Of surveys only answers count.
{% set day = 'first_date_at' if name == 'surveys' else 'date_day' -%}
{% set counts = 'score is not null' if name == 'surveys' else 'row_count > 0' -%}
with months as (
    select
        user_id,
        date_trunc('month', {{ day }}) as date_month,
        count(distinct account_id) as accounts
    from {{ table }}
    where rejection_reason is null and user_id is not null and {{ counts }}
    group by user_id, date_month
),

users as (
    select
        user_id,
        max(accounts) as accounts
    from months
    group by user_id
    having max(accounts) > {{ most_accounts }}
),

ranked as (
    select
        user_id,
        accounts,
        row_number() over (order by accounts desc, user_id asc) as place
    from users
)

select
    count(*) as users,
    coalesce(
        'user ids under more than {{ most_accounts }} accounts in a month: '
        || count(*) || ', '
        || string_agg(
            user_id || ' (' || accounts || ' accounts)', ', ' order by place
        ) filter (where place <= 5),
        'none'
    ) as message
from ranked
