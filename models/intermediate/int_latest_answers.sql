-- Grain: one row per account and kind of survey with one question (account_id,
-- survey_type: nps, csat): the latest answer of any respondent.
with answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type in ('nps', 'csat') and is_answered
),

latest as (
    select
        account_id,
        survey_type,
        max_by(score, (responded_at, response_id)) as score
    from answers
    group by account_id, survey_type
)

select * from latest
