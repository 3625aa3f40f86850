-- What the outlook would have said before, against what came.
select made_on, months_ahead, expected_mrr, actual_mrr, error, is_within_interval
from marts.mrr_outlook_backtest
order by months_ahead, made_on
