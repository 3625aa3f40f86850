-- MRR of today's customers in the months to come.
select
    date_month, months_ahead, committed_mrr, contracted_mrr, expected_mrr, lower, upper,
    trailing_new_mrr
from marts.mrr_outlook
order by date_month
