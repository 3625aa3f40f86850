-- Each customer whose MRR changed, and what changed it, the latest month first.
select
    movement.date_month, movement.account_id, account.account_name,
    movement.movement_type, movement.mrr_at_start, movement.mrr_at_end,
    movement.mrr_change, movement.plan, movement.price_change, movement.seats_change,
    movement.plan_change, movement.discount_change, movement.currency_change,
    movement.other_change, account.csm_owner, account.industry,
    movement.is_complete_month
from marts.mrr_movements as movement
inner join marts.customer_360 as account on movement.account_id = account.account_id
order by movement.date_month desc, movement.mrr_change desc, movement.account_id
