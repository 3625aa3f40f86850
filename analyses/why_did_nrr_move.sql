-- Which accounts moved net revenue retention over 12 months between the last two
-- complete months, the largest effect first? nrr_points are percentage points: they sum
-- to the change of revenue_retention.nrr.
-- `dbt compile --select why_did_nrr_move`, or `dbt show --select why_did_nrr_move`.
with retention as (
    select * from {{ ref('revenue_retention') }}
    where months_back = 12 and is_complete_month
),

ledger as (
    select
        *,
        lead(date_day) over (partition by account_id order by date_day)
            as next_change_on
    from {{ ref('fct_mrr_ledger') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

last_months as (
    select
        date_month,
        nrr,
        mrr_then,
        row_number() over (order by date_month desc) as months_ago
    from retention
),

compared as (
    select
        date_month,
        mrr_then as base,
        months_ago,
        last_day({{ add_months('date_month', -12) }}) as day_then,
        last_day(date_month) as day_now
    from last_months
    where months_ago <= 2
),

-- what each account adds to NRR: its MRR now over the MRR of all who paid then
contributions as (
    select
        compared.months_ago,
        paid_then.account_id,
        paid_then.mrr_balance as mrr_then,
        coalesce(pays_now.mrr_balance, 0) as mrr_now,
        100 * {{ ratio('coalesce(pays_now.mrr_balance, 0)', 'compared.base') }}
            as nrr_points
    from compared
    inner join ledger as paid_then
        on
            {{ is_effective_on('paid_then', 'compared.day_then') }}
            and paid_then.mrr_balance > 0
    left join ledger as pays_now
        on
            paid_then.account_id = pays_now.account_id
            and {{ is_effective_on('pays_now', 'compared.day_now') }}
),

by_account as (
    select
        account_id,
        max(case when months_ago = 2 then mrr_then end) as mrr_then_before,
        max(case when months_ago = 2 then mrr_now end) as mrr_now_before,
        max(case when months_ago = 1 then mrr_then end) as mrr_then,
        max(case when months_ago = 1 then mrr_now end) as mrr_now,
        sum(case when months_ago = 1 then nrr_points else -nrr_points end)
            as nrr_points
    from contributions
    group by account_id
),

named as (
    select
        by_account.account_id,
        accounts.account_name,
        accounts.current_plan,
        accounts.csm_owner,
        by_account.mrr_then_before,
        by_account.mrr_now_before,
        by_account.mrr_then,
        by_account.mrr_now,
        by_account.nrr_points
    from by_account
    inner join accounts on by_account.account_id = accounts.account_id
)

select * from named
order by abs(nrr_points) desc, account_id asc
