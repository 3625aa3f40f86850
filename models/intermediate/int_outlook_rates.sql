-- Grain: one row per complete month from the first one with customers (date_month):
-- what became of MRR in the 12 months to its end.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
    where is_complete_month
),

movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month' and movement_type = 'new'
),

months as (
    select * from {{ ref('int_months') }}
    where is_complete_month
),

-- what each account that paid at a month's end pays at the next one's
pairs as (
    select
        months.date_month,
        paying_months.mrr,
        next_months.mrr as next_mrr,
        paying_months.billing_interval in ('week', 'month') as is_billed_monthly
    from paying_months
    inner join months
        on months.date_month = {{ add_months('paying_months.date_month', 1) }}
    left join paying_months as next_months
        on
            paying_months.account_id = next_months.account_id
            and months.date_month = next_months.date_month
),

by_month as (
    select
        date_month,
        count(*) filter (where is_billed_monthly) as monthly_accounts,
        count(*) filter (where is_billed_monthly and next_mrr is null)
            as lost_monthly_accounts,
        sum(case when next_mrr is not null then mrr end) as kept_mrr,
        sum(next_mrr - mrr) as kept_mrr_change
    from pairs
    group by date_month
),

new_by_month as (
    select
        period_start as date_month,
        sum(mrr_change) as new_mrr
    from movements
    group by period_start
),

first_month as (
    select min(date_month) as date_month
    from paying_months
),

-- every month from the first one, so that 12 rows are 12 months
calendar as (
    select
        months.date_month,
        coalesce(by_month.monthly_accounts, 0) as monthly_accounts,
        coalesce(by_month.lost_monthly_accounts, 0) as lost_monthly_accounts,
        coalesce(by_month.kept_mrr, 0) as kept_mrr,
        coalesce(by_month.kept_mrr_change, 0) as kept_mrr_change,
        coalesce(new_by_month.new_mrr, 0) as new_mrr
    from months
    inner join first_month on months.date_month >= first_month.date_month
    left join by_month on months.date_month = by_month.date_month
    left join new_by_month on months.date_month = new_by_month.date_month
),

final as (
    select
        date_month,
        1 - {{ ratio(
            'sum(lost_monthly_accounts) over within_year',
            'sum(monthly_accounts) over within_year'
        ) }} as survival_rate,
        {{ ratio(
            'sum(kept_mrr_change) over within_year', 'sum(kept_mrr) over within_year'
        ) }} as growth_rate,
        {{ ratio('sum(new_mrr) over within_year', 'count(*) over within_year') }}
            as mean_new_mrr
    from calendar
    window within_year as (
        order by date_month rows between 11 preceding and current row
    )
)

select * from final
