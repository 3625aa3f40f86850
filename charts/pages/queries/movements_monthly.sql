-- MRR movements by month and kind.
select date_month, movement_type, accounts, mrr_change, is_complete_month
from marts.mrr_movements_monthly
order by date_month, movement_type
