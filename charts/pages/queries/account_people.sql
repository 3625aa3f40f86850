-- Its users, the latest active first.
select
    account_id, user_id, role, created_at, first_active_on, last_active_on,
    activity_status
from marts.dim_users
where account_id in $accounts
order by account_id, last_active_on desc nulls last, user_id
