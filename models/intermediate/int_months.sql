-- Grain: one row per calendar month (date_month), to the month of as_of_date. A plain
-- calendar that reads no table: each model starts it at its own first event.
with months as (
    -- staging accepts dates from 1990-01-01 UTC on: in a western time zone that day is
    -- still in 1989
    select date_month
    from {{ date_spine("date '1989-12-01'", as_of_date(), 'month') }} as spine
),

-- the open month ends at as_of_date, for every metric
ended as (
    select
        date_month,
        last_day(date_month) as last_day_on,
        least(last_day(date_month), {{ as_of_date() }}) as ends_on,
        {{ is_complete('last_day(date_month)') }} as is_complete_month
    from months
)

select * from ended
