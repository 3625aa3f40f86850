{#- Common tables from `answers` (response_id, event_id, account_id, user_id, answered_at,
    survey_type, question, is_reversed, answer) to `final`, the contract's rows of surveys
    that are known by their answers alone: of several answers to a question the latest
    counts, and question `comment` is the comment on the others. -#}
{% macro latest_answers() -%}
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
        ranked.user_id,
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
{%- endmacro %}
