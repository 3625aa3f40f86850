-- Grain: one row per month in which terms fall due (date_month), to the end of the
-- renewal window.
with renewals as (
    select * from {{ ref('int_renewals') }}
),

-- the items of a subscription that fall due on one day are one renewal (rule 26)
subscriptions_due as (
    select distinct
        account_id,
        subscription_id,
        due_on,
        is_open,
        is_renewed
    from renewals
),

counted as (
    select
        {{ month_of('due_on') }} as date_month,
        count(*) as due,
        cast(count(*) filter (where is_renewed) as bigint) as renewed,
        cast(count(*) filter (where not is_renewed) as bigint) as lost,
        cast(count(*) filter (where is_open) as bigint) as open
    from subscriptions_due
    group by {{ month_of('due_on') }}
),

-- the renewed MRR of an account on one day is at most what it pays then; open ones may
-- still be renewed
decided_by_account as (
    select
        account_id,
        due_on,
        sum(mrr) as mrr_due,
        least(sum(mrr), max(account_mrr)) as mrr_renewed
    from renewals
    where not is_open
    group by account_id, due_on
),

valued as (
    select
        {{ month_of('due_on') }} as date_month,
        sum(mrr_due) as mrr_due,
        sum(mrr_renewed) as mrr_renewed
    from decided_by_account
    group by {{ month_of('due_on') }}
),

combined as (
    select
        counted.date_month,
        counted.due,
        counted.renewed,
        counted.lost,
        counted.open,
        counted.renewed + counted.lost as decided,
        cast(coalesce(valued.mrr_due, 0) as decimal(18, 4)) as mrr_due,
        cast(coalesce(valued.mrr_renewed, 0) as decimal(18, 4)) as mrr_renewed
    from counted
    left join valued on counted.date_month = valued.date_month
),

final as (
    select
        date_month,
        due,
        renewed,
        lost,
        open,
        {{ ratio('renewed', 'decided') }} as renewal_rate,
        {{ wilson_bound('renewed', 'decided', 'lower') }} as renewal_rate_lower,
        {{ wilson_bound('renewed', 'decided', 'upper') }} as renewal_rate_upper,
        {{ is_small_sample('decided') }} as is_small_sample,
        mrr_due,
        mrr_renewed,
        {{ ratio('mrr_renewed', 'mrr_due') }} as mrr_renewal_rate,
        {{ is_complete('last_day(date_month)') }} as is_complete_month
    from combined
)

select * from final
