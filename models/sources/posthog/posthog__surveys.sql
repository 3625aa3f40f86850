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
        sent.occurred_at,
        questions.survey_type,
        questions.question,
        questions.is_reversed,
        nullif({{ json_text_at('sent.properties', 'questions.answer_key') }}, '')
            as answer
    from sent
    inner join questions on sent.survey_id = questions.survey_id
),

-- a response is sent again with every answer that is added: the latest counts
ranked as (
    select
        *,
        row_number() over (
            partition by response_id, survey_type, question
            order by occurred_at desc nulls last, event_id desc
        ) as recency
    from answers
    where answer is not null
),

comments as (
    select
        response_id,
        survey_type,
        answer as comment
    from ranked
    where recency = 1 and question = 'comment'
),

final as (
    select
        ranked.response_id,
        ranked.survey_type,
        ranked.question,
        ranked.account_id,
        ranked.user_id,
        {{ survey_score('ranked.answer', 'ranked.survey_type', 'ranked.is_reversed') }}
            as score,
        comments.comment,
        ranked.occurred_at as sent_at,
        ranked.occurred_at as responded_at
    from ranked
    left join comments
        on
            ranked.response_id = comments.response_id
            and ranked.survey_type = comments.survey_type
    where ranked.recency = 1 and ranked.question <> 'comment'
)

select * from final
