-- Grain: one row per response and question (response_id, question): what was answered,
-- and what was asked by an invitation and not answered.
{{ config(enabled=source_gives('qualtrics', 'surveys')) }}
with respondents as (
    select * from {{ ref('qualtrics_respondents') }}
),

questions as (
    select * from {{ ref('qualtrics_questions') }}
),

question_responses as (
    select * from {{ source_table('qualtrics', 'question_response') }}
),

asked as (
    select
        respondents.*,
        questions.question_id,
        questions.survey_type,
        questions.question,
        questions.is_reversed
    from respondents
    inner join questions on respondents.survey_id = questions.survey_id
),

answers as (
    select
        response_id,
        question_id,
        min(value) as answer,
        min(coalesce(text, value)) as answer_text
    from question_responses
    where coalesce(value, text) is not null
    group by response_id, question_id
),

comments as (
    select
        asked.response_id,
        asked.survey_type,
        answers.answer_text as comment
    from asked
    inner join answers
        on
            asked.response_id = answers.response_id
            and asked.question_id = answers.question_id
    where asked.question = 'comment'
),

final as (
    select
        asked.response_id,
        asked.survey_type,
        asked.question,
        coalesce(asked.given_account_id, asked.domain) as account_id,
        asked.user_id,
        {{ survey_score('answers.answer', 'asked.survey_type', 'asked.is_reversed') }}
            as score,
        case when answers.response_id is not null then comments.comment end as comment,
        coalesce(asked.invited_at, asked.started_at, asked.recorded_at) as sent_at,
        case when answers.response_id is not null then asked.recorded_at end
            as responded_at,
        asked.updated_at
    from asked
    left join answers
        on
            asked.response_id = answers.response_id
            and asked.question_id = answers.question_id
    left join comments
        on
            asked.response_id = comments.response_id
            and asked.survey_type = comments.survey_type
    where
        asked.question <> 'comment'
        -- a question that was left out without an invitation was not sent
        and (answers.response_id is not null or asked.invited_at is not null)
)

select * from final
