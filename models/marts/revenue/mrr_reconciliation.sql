-- Grain: one row per account and month of the report (account_id, date_month) in which
-- either side has MRR.
with reported as (
    select * from {{ ref('int_reported_mrr') }}
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
),

report_span as (
    select
        min(basis) as basis,
        min(date_month) as first_month,
        max(date_month) as last_month
    from reported
),

-- the months between the report's first and its last
report_months as (
    select
        months.date_month,
        months.ends_on,
        months.is_complete_month,
        report_span.basis
    from months
    inner join report_span
        on months.date_month between report_span.first_month and report_span.last_month
),

ours as (
    select
        paying_months.account_id,
        paying_months.date_month,
        paying_months.mrr
    from paying_months
    inner join report_months on paying_months.date_month = report_months.date_month
),

both_sides as (
    select
        account_id,
        date_month
    from ours
    union
    select
        account_id,
        date_month
    from reported
    where mrr_reported > 0
),

compared as (
    select
        both_sides.account_id,
        both_sides.date_month,
        report_months.ends_on,
        report_months.is_complete_month,
        report_months.basis,
        coalesce(ours.mrr, 0) as mrr,
        coalesce(reported.mrr_reported, 0) as mrr_reported,
        coalesce(reported.mrr_credited, 0) as mrr_credited,
        coalesce(reported.is_converted, false) as is_converted
    from both_sides
    inner join report_months on both_sides.date_month = report_months.date_month
    left join ours
        on
            both_sides.account_id = ours.account_id
            and both_sides.date_month = ours.date_month
    left join reported
        on
            both_sides.account_id = reported.account_id
            and both_sides.date_month = reported.date_month
),

-- what runs at the month's end, for the cause
running as (
    select
        compared.account_id,
        compared.date_month,
        count(case when periods.is_trial then 1 end) as trials,
        count(case when not periods.is_trial and periods.mrr = 0 then 1 end)
            as periods_without_mrr
    from compared
    inner join periods
        on
            compared.account_id = periods.account_id
            and {{ is_active_on('periods', 'compared.ends_on') }}
    group by compared.account_id, compared.date_month
),

-- our MRR a month before and after, in or out of the report's months
neighbours as (
    select
        compared.*,
        coalesce(earlier.mrr, 0) as previous_mrr,
        coalesce(later.mrr, 0) as next_mrr
    from compared
    left join paying_months as earlier
        on
            compared.account_id = earlier.account_id
            and {{ add_months('compared.date_month', -1) }} = earlier.date_month
    left join paying_months as later
        on
            compared.account_id = later.account_id
            and {{ add_months('compared.date_month', 1) }} = later.date_month
),

final as (
    select
        neighbours.account_id,
        neighbours.date_month,
        neighbours.basis,
        neighbours.mrr,
        neighbours.mrr_reported,
        cast(neighbours.mrr - neighbours.mrr_reported as decimal(18, 4)) as difference,
        case
            when neighbours.mrr = neighbours.mrr_reported then null
            when abs(neighbours.mrr - neighbours.mrr_reported) <= 0.05 then 'rounding'
            when
                neighbours.mrr_reported > 0
                and neighbours.mrr_reported
                in (neighbours.previous_mrr, neighbours.next_mrr)
                then 'timing'
            when neighbours.mrr = 0 and running.trials > 0 then 'trial'
            when neighbours.mrr = 0 and running.periods_without_mrr > 0
                then 'paused_or_free'
            when neighbours.mrr = 0 then 'missing_here'
            when neighbours.mrr_reported = 0 and neighbours.basis = 'mrr_reported'
                then 'missing_in_report'
            when
                neighbours.is_converted
                and neighbours.mrr < 1.25 * neighbours.mrr_reported
                and neighbours.mrr_reported < 1.25 * neighbours.mrr
                then 'exchange_rate'
            when neighbours.mrr < neighbours.mrr_reported then 'discount'
            when neighbours.mrr_credited > 0 then 'credited'
            when neighbours.basis = 'invoice_lines' then 'not_paid'
            else 'other'
        end as likely_cause,
        neighbours.is_complete_month
    from neighbours
    left join running
        on
            neighbours.account_id = running.account_id
            and neighbours.date_month = running.date_month
)

select * from final
