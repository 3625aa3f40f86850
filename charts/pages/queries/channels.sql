-- What a month's new customers cost, and what they brought in a year, by channel.
select
    acquisition_channel, cohort_month, customers, acquisition_cost, cac,
    cumulative_margin, is_paid_back
from marts.channel_economics
where months_since_start = 12 and is_complete_month
order by cohort_month desc, acquisition_channel
