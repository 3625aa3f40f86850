-- Paying accounts by the band of their health score.
select date_month, health_band, accounts, is_complete_month
from marts.health_bands_monthly
order by date_month, health_band
