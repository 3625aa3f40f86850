-- Grain: one row per calendar day (date_day), from the month of the first subscription,
-- login or survey to the end of the month of as_of_date.
with first_days as (
    select min(started_on) as first_on from {{ ref('int_subscription_periods') }}
    union all
    select min(date_day) from {{ ref('int_user_days') }}
    where is_active
    union all
    select min(sent_on) from {{ ref('int_survey_answers') }}
),

days as (
    select date_day
    from {{ date_spine(
        "(select cast(date_trunc('month', min(first_on)) as date) from first_days)",
        "last_day(" ~ as_of_date() ~ ")"
    ) }} as spine
),

described as (
    select
        date_day,
        {{ month_of('date_day') }} as date_month,
        cast(date_trunc('quarter', date_day) as date) as date_quarter,
        cast(date_trunc('year', date_day) as date) as date_year,
        date_day = last_day(date_day) as is_month_end,
        date_day > {{ as_of_date() }} as is_after_as_of_date
    from days
)

select * from described
