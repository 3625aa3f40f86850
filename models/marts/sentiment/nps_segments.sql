-- Grain: one row per answered NPS survey (response_id).
with answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

playbooks as (
    select * from {{ ref('playbooks') }}
),

segmented as (
    select
        *,
        {{ nps_segment('score') }} as nps_segment
    from answers
),

-- every segment has a follow-up, due within hours of the answer
final as (
    select
        segmented.response_id,
        segmented.account_id,
        segmented.user_id,
        segmented.responded_at,
        segmented.score,
        segmented.nps_segment,
        segmented.comment,
        playbooks.action as follow_up_action,
        {{ add_hours('segmented.responded_at', 'playbooks.due_hours') }}
            as follow_up_due_at
    from segmented
    left join playbooks on segmented.nps_segment = playbooks.trigger
)

select * from final
