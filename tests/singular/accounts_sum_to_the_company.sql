-- A row returned means that a month's accounts, or its books of business, do not sum to
-- the company's total. MRR from before an account's first day is in no account_months
-- (an account that signed up after its subscription began), so the total is without it.
with account_months as (
    select * from {{ ref('account_months') }}
),

csm_book as (
    select * from {{ ref('csm_book') }}
),

monthly_churn as (
    select * from {{ ref('monthly_churn') }}
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
),

without_first_day as (
    select
        paying_months.date_month,
        count(*) as customers,
        sum(paying_months.mrr) as mrr
    from paying_months
    anti join account_months
        on
            paying_months.account_id = account_months.account_id
            and paying_months.date_month = account_months.date_month
    group by paying_months.date_month
),

totals as (
    select
        monthly_churn.date_month,
        monthly_churn.customers_at_end - coalesce(without_first_day.customers, 0)
            as customers,
        monthly_churn.mrr_at_end - coalesce(without_first_day.mrr, 0) as mrr,
        monthly_churn.churned_customers,
        monthly_churn.churned_mrr
    from monthly_churn
    left join without_first_day
        on monthly_churn.date_month = without_first_day.date_month
),

accounts as (
    select
        date_month,
        count(case when mrr > 0 then 1 end) as customers,
        sum(mrr) as mrr
    from account_months
    group by date_month
),

books as (
    select
        date_month,
        sum(customers) as customers,
        sum(mrr) as mrr,
        sum(churned_customers) as churned_customers,
        sum(churned_mrr) as churned_mrr
    from csm_book
    group by date_month
)

select
    totals.date_month,
    totals.customers,
    accounts.customers as customers_of_accounts,
    books.customers as customers_of_books
from totals
left join accounts on totals.date_month = accounts.date_month
left join books on totals.date_month = books.date_month
where
    totals.customers <> coalesce(accounts.customers, 0)
    or totals.mrr <> coalesce(accounts.mrr, 0)
    or totals.customers <> coalesce(books.customers, 0)
    or totals.mrr <> coalesce(books.mrr, 0)
    or totals.churned_customers <> coalesce(books.churned_customers, 0)
    or totals.churned_mrr <> coalesce(books.churned_mrr, 0)
