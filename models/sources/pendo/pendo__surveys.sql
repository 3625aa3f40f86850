-- Grain: one row per response and question (response_id, question).
{{ config(enabled=source_gives('pendo', 'surveys')) }}
with poll_events as (
    select * from {{ source_table('pendo', 'poll_event') }}
),

questions as (
    select * from {{ ref('survey_questions') }}
    where source = 'pendo'
),

-- what a visitor answers in a guide on one day is a response
answers as (
    select
        poll_events.visitor_id || ':' || poll_events.guide_id
        || coalesce(
            ':' || cast(
                {{ local_date('poll_events.timestamp') }} as {{ dbt.type_string() }}
            ),
            ''
        ) as response_id,
        poll_events.event_id,
        poll_events.visitor_id,
        nullif(poll_events.account_id, '') as account_id,
        poll_events.timestamp as answered_at,
        questions.survey_type,
        questions.question,
        questions.is_reversed,
        nullif(trim(poll_events.poll_response), '') as answer
    from poll_events
    inner join questions
        on
            poll_events.guide_id = questions.survey_id
            and poll_events.poll_id = questions.question_id
),

-- an answer may be changed: the latest counts
ranked as (
    select
        *,
        row_number() over (
            partition by response_id, survey_type, question
            order by answered_at desc nulls last, event_id desc nulls last, answer desc
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
        case when {{ is_pendo_user('ranked.visitor_id') }} then ranked.visitor_id end
            as user_id,
        {{ survey_score('ranked.answer', 'ranked.survey_type', 'ranked.is_reversed') }}
            as score,
        comments.comment,
        ranked.answered_at as sent_at,
        ranked.answered_at as responded_at
    from ranked
    left join comments
        on
            ranked.response_id = comments.response_id
            and ranked.survey_type = comments.survey_type
    where ranked.recency = 1 and ranked.question <> 'comment'
)

select * from final
