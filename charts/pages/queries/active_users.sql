-- Active users of each day, and of the days before it.
select date_day, dau, dau_7d_mean, wau, mau
from marts.active_users
order by date_day
