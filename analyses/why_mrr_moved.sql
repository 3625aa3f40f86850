-- Why did MRR move in the latest complete month? Each customer whose MRR changed, with the
-- parts of the change, largest first. `dbt show --select why_mrr_moved --limit 50`
with movements as (
    select * from {{ ref('mrr_movements') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

figures_as_of as (
    select * from {{ ref('figures_as_of') }}
)

select
    movements.account_id,
    accounts.account_name,
    movements.movement_type,
    movements.mrr_change,
    movements.price_change,
    movements.seats_change,
    movements.plan_change,
    movements.discount_change,
    movements.currency_change,
    movements.other_change
from movements
inner join figures_as_of
    on movements.date_month = figures_as_of.latest_complete_month
inner join accounts on movements.account_id = accounts.account_id
order by abs(movements.mrr_change) desc
