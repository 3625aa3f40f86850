-- The date as of which everything is, and what is incomplete.
select as_of_date, latest_complete_month, open_month, base_currency, note
from marts.figures_as_of
