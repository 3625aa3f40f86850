-- Grain: one row per accepted response and question.
with base as (
    select * from {{ ref('base_surveys') }}
),

accepted as (
    select
        response_id,
        survey_type,
        question,
        account_id,
        user_id,
        cast(score as integer) as score,
        comment,
        sent_at,
        {{ local_date('sent_at') }} as sent_on,
        responded_at,
        {{ local_date('responded_at') }} as responded_on
    from base
    where rejection_reason is null
)

select * from accepted
