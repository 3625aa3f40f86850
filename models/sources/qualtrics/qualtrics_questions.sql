-- Grain: one row per question that is one of ours (survey_id, question_id).
{{ config(enabled=source_gives('qualtrics', 'surveys')) }}
with survey_questions as (
    select * from {{ ref('survey_questions') }}
    where source = 'qualtrics'
),

questions as (
    select
        survey_id,
        data_export_tag,
        min(id) as question_id
    from {{ source_table('qualtrics', 'question') }}
    where data_export_tag is not null
    group by survey_id, data_export_tag
),

-- the seed names a question by its id, or by its export tag
final as (
    select
        survey_questions.survey_id,
        coalesce(questions.question_id, survey_questions.question_id) as question_id,
        survey_questions.survey_type,
        survey_questions.question,
        survey_questions.is_reversed
    from survey_questions
    left join questions
        on
            survey_questions.survey_id = questions.survey_id
            and survey_questions.question_id = questions.data_export_tag
)

select * from final
