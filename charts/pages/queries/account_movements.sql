-- What moved its MRR, the latest month first.
select
    account_id, date_month, movement_type, mrr_at_start, mrr_at_end, mrr_change, plan,
    price_change, seats_change, plan_change, discount_change, currency_change,
    other_change
from marts.mrr_movements
where account_id in $accounts
order by account_id, date_month desc
