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
        case
            when {{ is_pendo_user('poll_events.visitor_id') }}
                then poll_events.visitor_id
        end as user_id,
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

-- an answer may be changed
{{ latest_answers() }}

select * from final
