-- Features that it used in the latest complete month, with what all customers do.
select
    used.account_id, used.feature_key, adoption.feature_name, adoption.is_core,
    used.users, used.events, used.active_days, adoption.accounts as all_accounts,
    adoption.users as all_users, adoption.share_of_active_users
from marts.account_feature_months as used
inner join marts.figures_as_of as as_of
    on used.date_month = as_of.latest_complete_month
left join marts.feature_adoption as adoption
    on used.feature_key = adoption.feature_key and used.date_month = adoption.date_month
where used.account_id in $accounts
order by used.account_id, used.events desc, used.feature_key
