-- The last complete month compared with the one before, over all accounts.
with months as (
    select
        date_month,
        sum(active_users) as active,
        sum(provisioned_users) as provisioned
    from {{ table }}
    where last_day(date_month) <= date '{{ as_of }}'
    group by date_month
),

steps as (
    select
        *,
        lag(active) over (order by date_month) as active_before,
        lag(provisioned) over (order by date_month) as provisioned_before
    from months
    order by date_month desc
    limit 1
)

select
    max(case when active_before >= 100 then active / active_before end) as active,
    max(case when provisioned_before >= 100 then provisioned / provisioned_before end)
        as provisioned,
    max(case when provisioned >= 100 then active / provisioned end) as ratio,
    max(
        strftime(date_month, '%Y-%m') || ': ' || active || ' active users ('
        || coalesce(active_before, 0) || ' the month before) of ' || provisioned
        || ' provisioned (' || coalesce(provisioned_before, 0) || ')'
    ) as message
from steps
