-- Which accounts moved MRR in the last complete month, the largest change first, and
-- why: seats, price, plan, discount or exchange rate?
-- `dbt compile --select why_did_mrr_move`, or `dbt show --select why_did_mrr_move`.
with mrr_movements as (
    select * from {{ ref('mrr_movements') }}
    where is_complete_month
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

last_month as (
    select max(date_month) as date_month from mrr_movements
),

moved as (
    select
        mrr_movements.date_month,
        mrr_movements.movement_type,
        mrr_movements.account_id,
        accounts.account_name,
        mrr_movements.plan,
        accounts.industry,
        accounts.csm_owner,
        mrr_movements.mrr_at_start,
        mrr_movements.mrr_at_end,
        mrr_movements.mrr_change,
        mrr_movements.price_change,
        mrr_movements.seats_change,
        mrr_movements.plan_change,
        mrr_movements.discount_change,
        mrr_movements.currency_change,
        mrr_movements.other_change
    from mrr_movements
    inner join last_month on mrr_movements.date_month = last_month.date_month
    inner join accounts on mrr_movements.account_id = accounts.account_id
)

select * from moved
order by abs(mrr_change) desc, account_id asc
