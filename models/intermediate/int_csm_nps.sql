-- Grain: one row per customer-success manager and month with an answer in the 90 days
-- to its end (csm_owner, date_month): the NPS of the manager's accounts.
with csm_accounts as (
    select * from {{ ref('int_csm_accounts') }}
),

nps_answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

-- each respondent counts once, with the latest answer
ranked as (
    select
        csm_accounts.csm_owner,
        csm_accounts.date_month,
        {{ nps_segment('nps_answers.score') }} as nps_segment,
        {{ answer_rank(
            'nps_answers', within=['csm_accounts.csm_owner', 'csm_accounts.date_month']
        ) }} as answer_rank
    from csm_accounts
    inner join nps_answers
        on
            csm_accounts.account_id = nps_answers.account_id
            and nps_answers.responded_on > {{ add_days('csm_accounts.ends_on', -90) }}
            and nps_answers.responded_on <= csm_accounts.ends_on
),

final as (
    select
        csm_owner,
        date_month,
        {{ ratio(
            "100 * (count(case when nps_segment = 'promoter' then 1 end)"
            ~ " - count(case when nps_segment = 'detractor' then 1 end))",
            'count(*)'
        ) }} as nps
    from ranked
    where answer_rank = 1
    group by csm_owner, date_month
)

select * from final
