-- Paying accounts in the order in which they get a page of their own.
select account_id
from marts.customer_360
where current_mrr > 0
order by case when open_alerts > 0 then 0 else 1 end, current_mrr desc, account_id
