-- Grain: one row per day of an outlook and number of months ahead (made_on,
-- months_ahead): the MRR to expect of the accounts that pay on the day, and what came.
with outlook_periods as (
    select * from {{ ref('int_outlook_periods') }}
),

outlook_rates as (
    select * from {{ ref('int_outlook_rates') }}
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
    where is_complete_month
),

months as (
    select * from {{ ref('int_months') }}
    where is_complete_month
),

outlook_days as (
    select
        made_on,
        {{ add_months(month_of(add_days('made_on', 1)), -1) }} as known_month
    from (
        select distinct made_on from outlook_periods
        union
        select {{ as_of_date() }} as made_on
    ) as all_days
),

-- without a history nothing is lost, and nothing grows
with_rates as (
    select
        outlook_days.made_on,
        coalesce(outlook_rates.survival_rate, 1) as survival_rate,
        coalesce(outlook_rates.growth_rate, 0) as growth_rate,
        outlook_rates.mean_new_mrr
    from outlook_days
    left join outlook_rates on outlook_days.known_month = outlook_rates.date_month
),

ahead as (
    select
        with_rates.*,
        series.number as months_ahead,
        {{ add_months(month_of('with_rates.made_on'), 'series.number') }} as date_month
    from with_rates
    cross join {{ number_series(1, 12) }} as series
),

with_end as (
    select
        *,
        last_day(date_month) as ends_on
    from ahead
),

-- how many terms of each period fall due by then
period_months as (
    select
        with_end.*,
        outlook_periods.mrr,
        outlook_periods.term_months,
        outlook_periods.first_probability,
        outlook_periods.later_probability,
        coalesce(outlook_periods.scheduled_end_on <= with_end.ends_on, false)
            as is_ended,
        floor(
            (
                {{ month_number('with_end.date_month') }}
                - {{ month_number('outlook_periods.started_on') }}
            ) / cast(outlook_periods.term_months as double)
        ) - outlook_periods.terms_over as terms_due
    from with_end
    inner join outlook_periods on with_end.made_on = outlook_periods.made_on
),

-- as decimals: their sum does not depend on the order
summed as (
    select
        made_on,
        months_ahead,
        sum(case when is_ended then 0 else mrr end) as committed_mrr,
        sum(case when not is_ended and terms_due = 0 then mrr else 0 end)
            as contracted_mrr,
        sum(cast(
            case
                when is_ended then 0
                when term_months is null then mrr * power(survival_rate, months_ahead)
                when terms_due = 0 then mrr
                else
                    mrr * first_probability * power(later_probability, terms_due - 1)
            end as decimal(28, 10)
        )) as remaining_mrr
    from period_months
    group by made_on, months_ahead
),

payers as (
    select distinct
        made_on,
        account_id
    from outlook_periods
),

actual as (
    select
        payers.made_on,
        paying_months.date_month,
        sum(paying_months.mrr) as actual_mrr
    from payers
    inner join paying_months
        on
            payers.account_id = paying_months.account_id
            and paying_months.date_month > payers.made_on
    group by payers.made_on, paying_months.date_month
),

final as (
    select
        with_end.made_on,
        cast(with_end.months_ahead as bigint) as months_ahead,
        with_end.date_month,
        with_end.ends_on,
        cast(coalesce(summed.committed_mrr, 0) as decimal(18, 4)) as committed_mrr,
        cast(coalesce(summed.contracted_mrr, 0) as decimal(18, 4)) as contracted_mrr,
        cast(coalesce(summed.remaining_mrr, 0) as double)
        * power(1 + with_end.growth_rate, with_end.months_ahead) as expected_mrr,
        with_end.mean_new_mrr,
        case
            when months.date_month is not null
                then cast(coalesce(actual.actual_mrr, 0) as decimal(18, 4))
        end as actual_mrr
    from with_end
    left join summed
        on
            with_end.made_on = summed.made_on
            and with_end.months_ahead = summed.months_ahead
    left join months on with_end.date_month = months.date_month
    left join actual
        on
            with_end.made_on = actual.made_on
            and with_end.date_month = actual.date_month
)

select * from final
