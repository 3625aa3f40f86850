-- Rule 84: one user id under many accounts in one month is a placeholder (`anonymous`),
-- or a colleague. {{ "Answers" if name == "surveys" else "Logins" }} count.
with months as (
    select
        user_id,
        {% if name == 'surveys' -%}
        date_trunc('month', first_date_at) as date_month,
        {%- else -%}
        date_trunc('month', date_day) as date_month,
        {%- endif %}
        count(distinct account_id) as accounts
    from {{ table }}
    where
        rejection_reason is null
        and user_id is not null
        {%- if name == 'surveys' %}
        and score is not null
        {%- endif %}
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
        count(*) || ' user ids stand under more than {{ most_accounts }} accounts '
        || 'in a month: '
        || string_agg(
            user_id || ' (' || accounts || ' accounts)', ', ' order by place
        ) filter (where place <= 5),
        'none'
    ) as message
from ranked
