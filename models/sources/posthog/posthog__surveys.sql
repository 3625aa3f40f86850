-- Grain: one row per response and question (response_id, question).
{{ config(enabled=source_gives('posthog', 'surveys')) }}
with sent as (
    select
        *,
        {{ json_text('properties', '$survey_id') }} as survey_id,
        coalesce({{ json_text('properties', '$survey_submission_id') }}, event_id)
            as response_id
    from {{ ref('posthog_events') }}
    where event = 'survey sent'
),

questions as (
    select
        *,
        case
            when coalesce(question_id, '') = '' then '$survey_response'
            else '$survey_response_' || question_id
        end as answer_key
    from {{ ref('survey_questions') }}
    where source = 'posthog'
),

answers as (
    select
        sent.response_id,
        sent.event_id,
        sent.user_id,
        sent.account_id,
        sent.occurred_at as answered_at,
        questions.survey_type,
        questions.question,
        questions.is_reversed,
        nullif({{ json_text_at('sent.properties', 'questions.answer_key') }}, '')
            as answer
    from sent
    inner join questions on sent.survey_id = questions.survey_id
),

-- a response is sent again with every answer that is added
{{ latest_answers() }}

select * from final
