-- Grain: one row per month (date_month), from the first account's first day, or an
-- earlier login, to the month of as_of_date: activity of all accounts together.
with account_activity as (
    select * from {{ ref('account_activity') }}
),

summed as (
    select
        date_month,
        count(*) as accounts,
        count(*) filter (where logins > 0) as active_accounts,
        cast(sum(provisioned_users) as bigint) as provisioned_users,
        cast(sum(active_provisioned_users) as bigint) as active_provisioned_users,
        {{ ratio('sum(active_provisioned_users)', 'sum(provisioned_users)') }}
            as login_ratio,
        cast(sum(logins) as bigint) as logins,
        is_complete_month
    from account_activity
    group by date_month, is_complete_month
)

select * from summed
