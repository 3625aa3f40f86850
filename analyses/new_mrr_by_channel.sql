-- Which channels bring new MRR? New customers and their MRR by month and channel.
-- `dbt show --select new_mrr_by_channel --limit 50`
with account_months as (
    select * from {{ ref('account_months') }}
    where movement_type = 'new'
)

select
    date_month,
    acquisition_channel,
    count(*) as new_customers,
    sum(mrr) as new_mrr
from account_months
group by date_month, acquisition_channel
order by date_month desc, new_mrr desc
