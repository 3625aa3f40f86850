-- Features that customers used in the latest complete month.
select
    adoption.feature_key, adoption.feature_name, adoption.is_core, adoption.users,
    adoption.accounts, adoption.share_of_active_users
from marts.feature_adoption as adoption
inner join marts.figures_as_of as as_of
    on adoption.date_month = as_of.latest_complete_month
order by adoption.share_of_active_users desc, adoption.feature_key
