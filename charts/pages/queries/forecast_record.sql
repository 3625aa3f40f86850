-- What the renewal forecast would have said before, against what came.
select
    horizon_days, decile, renewals, mean_probability, renewed_share, brier,
    brier_base_rate, brier_health_band
from marts.forecast_backtest
order by horizon_days, decile
