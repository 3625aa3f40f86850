-- Grain: one row per calendar month (date_month), from the earliest fact to as_of_date.
with first_days as (
    select min(started_on) as first_on from {{ ref('int_subscription_periods') }}
    union all
    select min(date_day) from {{ ref('int_user_days') }}
    union all
    select min(created_on) from {{ ref('int_users') }}
    union all
    select least(min(sent_on), min(responded_on)) from {{ ref('int_survey_answers') }}
    union all
    select min(first_day_on) from {{ ref('int_accounts') }}
    union all
    select min(referred_on) from {{ ref('int_referrals') }}
),

months as (
    select date_month
    from {{ date_spine(
        "(select cast(date_trunc('month', min(first_on)) as date) from first_days)",
        as_of_date(),
        'month'
    ) }} as spine
),

-- an open month ends, for every figure, at as_of_date
ended as (
    select
        date_month,
        last_day(date_month) as last_day_on,
        least(last_day(date_month), {{ as_of_date() }}) as ends_on,
        last_day(date_month) <= {{ as_of_date() }} as is_complete_month
    from months
)

select * from ended
