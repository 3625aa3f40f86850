-- Grain: one row per customer-success manager and month in which the manager has an
-- account (csm_owner, date_month).
with account_months as (
    select * from {{ ref('account_months') }}
),

csm_accounts as (
    select * from {{ ref('int_csm_accounts') }}
),

csm_nps as (
    select * from {{ ref('int_csm_nps') }}
),

months as (
    select * from {{ ref('int_months') }}
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
),

due_renewals as (
    select * from {{ ref('int_due_renewals') }}
),

account_alerts as (
    select * from {{ ref('account_alerts') }}
    where is_open
),

churned as (
    select * from {{ ref('int_segment_customers') }}
    where is_churned
),

owned as (
    select
        csm_accounts.csm_owner as book,
        csm_accounts.is_todays_owner,
        csm_accounts.ends_on,
        account_months.account_id,
        account_months.date_month,
        account_months.mrr,
        account_months.mrr_change,
        account_months.movement_type,
        account_months.health_band
    from account_months
    inner join csm_accounts
        on
            account_months.account_id = csm_accounts.account_id
            and account_months.date_month = csm_accounts.date_month
),

-- accounts, and what they paid at the end of the month twelve months before
counted as (
    select
        owned.book,
        owned.date_month,
        count(*) as accounts,
        count(case when owned.mrr > 0 then 1 end) as customers,
        sum(owned.mrr) as mrr,
        sum(case when paid_then.mrr is not null then owned.mrr end) as retained_mrr,
        -- null where it did not pay then: least ignores nulls on some engines
        sum(
            case when paid_then.mrr is not null then least(owned.mrr, paid_then.mrr) end
        ) as retained_mrr_capped,
        sum(paid_then.mrr) as mrr_then,
        sum(
            case when owned.movement_type = 'expansion' then owned.mrr_change else 0 end
        ) as expansion_mrr,
        sum(case when owned.health_band = 'red' then owned.mrr else 0 end) as red_mrr,
        sum(case when owned.health_band = 'yellow' then owned.mrr else 0 end)
            as yellow_mrr,
        bool_or(owned.is_todays_owner) as is_todays_owner
    from owned
    left join paying_months as paid_then
        on
            owned.account_id = paid_then.account_id
            and {{ add_months('owned.date_month', -12) }} = paid_then.date_month
    group by owned.book, owned.date_month
),

-- a lost customer was lost by who had it at the month's start
lost as (
    select
        csm_owner as book,
        date_month,
        count(*) as churned_customers,
        sum(mrr) as churned_mrr,
        bool_or(not is_from_snapshot) as is_todays_owner
    from churned
    group by csm_owner, date_month
),

-- a subscription that is due on a day counts once, with the MRR of all of its items
due as (
    select
        owned.book,
        owned.date_month,
        count(case when due_renewals.is_first_item then 1 end) as renewals_due,
        sum(due_renewals.mrr) as mrr_due
    from owned
    inner join due_renewals
        on
            owned.account_id = due_renewals.account_id
            and owned.date_month = due_renewals.date_month
    group by owned.book, owned.date_month
),

alerts as (
    select
        owned.book,
        owned.date_month,
        count(*) as open_alerts,
        count(
            case
                when
                    account_alerts.due_at
                    < cast({{ add_days(as_of_date(), 1) }} as timestamp)
                    then 1
            end
        ) as overdue_alerts
    from owned
    inner join account_alerts on owned.account_id = account_alerts.account_id
    where owned.ends_on = {{ as_of_date() }}
    group by owned.book, owned.date_month
),

-- a manager whose accounts all left, or were all reassigned, still lost customers
books as (
    select
        book,
        date_month
    from counted
    union
    select
        book,
        date_month
    from lost
),

final as (
    select
        books.book as csm_owner,
        books.date_month,
        coalesce(counted.accounts, 0) as accounts,
        coalesce(counted.customers, 0) as customers,
        cast(coalesce(counted.mrr, 0) as decimal(18, 4)) as mrr,
        {{ ratio('counted.retained_mrr', 'counted.mrr_then') }} as nrr_12m,
        {{ ratio('counted.retained_mrr_capped', 'counted.mrr_then') }} as grr_12m,
        coalesce(lost.churned_customers, 0) as churned_customers,
        cast(coalesce(lost.churned_mrr, 0) as decimal(18, 4)) as churned_mrr,
        cast(coalesce(counted.expansion_mrr, 0) as decimal(18, 4)) as expansion_mrr,
        coalesce(due.renewals_due, 0) as renewals_due_90d,
        cast(coalesce(due.mrr_due, 0) as decimal(18, 4)) as mrr_due_90d,
        cast(coalesce(counted.red_mrr, 0) as decimal(18, 4)) as red_mrr,
        cast(coalesce(counted.yellow_mrr, 0) as decimal(18, 4)) as yellow_mrr,
        case
            when months.ends_on = {{ as_of_date() }}
                then coalesce(alerts.open_alerts, 0)
        end as open_alerts,
        case
            when months.ends_on = {{ as_of_date() }}
                then coalesce(alerts.overdue_alerts, 0)
        end as overdue_alerts,
        csm_nps.nps,
        coalesce(counted.is_todays_owner, lost.is_todays_owner) as is_todays_owner,
        months.is_complete_month
    from books
    inner join months on books.date_month = months.date_month
    left join counted
        on books.book = counted.book and books.date_month = counted.date_month
    left join lost on books.book = lost.book and books.date_month = lost.date_month
    left join due on books.book = due.book and books.date_month = due.date_month
    left join alerts
        on books.book = alerts.book and books.date_month = alerts.date_month
    left join csm_nps
        on books.book = csm_nps.csm_owner and books.date_month = csm_nps.date_month
)

select * from final
