-- Grain: one row per month (date_month), from the first CSAT survey to the month of
-- as_of_date.
with surveys as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'csat'
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

-- one question, so a row is a response
answers as (
    select
        {{ month_of('responded_on') }} as date_month,
        count(*) as responses,
        count(*) filter (where score >= 4) as satisfied,
        avg(score) as mean_score
    from surveys
    where is_answered
    group by {{ month_of('responded_on') }}
),

final as (
    select
        months.date_month,
        coalesce(answers.responses, 0) as responses,
        coalesce(answers.satisfied, 0) as satisfied,
        {{ ratio('answers.satisfied', 'answers.responses') }} as csat_rate,
        answers.mean_score,
        months.is_complete_month
    from months
    left join answers on months.date_month = answers.date_month
)

select * from final
