-- Grain: one row per month (date_month), from the first CLI survey to the month of
-- as_of_date.
with surveys as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'cli'
),

months as (
    select * from {{ ref('int_months') }}
    where
        date_month >= (
            select
                {{ month_of('least(min(surveys.sent_on), min(surveys.responded_on))') }}
            from surveys
        )
),

means as (
    select
        {{ month_of('responded_on') }} as date_month,
        count(distinct response_id) as responses,
        avg(case when question = 'product_quality' then score end) as product_quality,
        avg(case when question = 'customer_service' then score end) as customer_service,
        avg(case when question = 'overall_experience' then score end)
            as overall_experience,
        count(distinct question) as questions_answered
    from surveys
    where is_answered
    group by {{ month_of('responded_on') }}
),

-- the mean of the means of the questions that were answered, times ten
indexed as (
    select
        months.date_month,
        coalesce(means.responses, 0) as responses,
        means.product_quality,
        means.customer_service,
        means.overall_experience,
        coalesce(means.questions_answered, 0) as questions_answered,
        10 * {{ ratio(
            'coalesce(means.product_quality, 0) + coalesce(means.customer_service, 0)'
            ~ ' + coalesce(means.overall_experience, 0)',
            'means.questions_answered'
        ) }} as cli,
        months.is_complete_month
    from months
    left join means on months.date_month = means.date_month
),

final as (
    select
        date_month,
        responses,
        product_quality,
        customer_service,
        overall_experience,
        questions_answered,
        cli,
        cli - lag(cli) over (order by date_month) as cli_change,
        is_complete_month
    from indexed
)

select * from final
