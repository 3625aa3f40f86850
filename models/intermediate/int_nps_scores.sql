-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- the NPS component of its health, null where nobody answered in the window.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

nps_answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

ranked_answers as (
    select
        paying_months.account_id,
        paying_months.date_month,
        nps_answers.score,
        {{ answer_rank(
            'nps_answers', within=['paying_months.account_id', 'paying_months.date_month']
        ) }} as answer_rank
    from paying_months
    inner join nps_answers
        on
            paying_months.account_id = nps_answers.account_id
            and nps_answers.responded_on
            > {{ add_days('paying_months.ends_on', -var('nps_health_window_days')) }}
            and nps_answers.responded_on <= paying_months.ends_on
),

latest_answers as (
    select
        account_id,
        date_month,
        sum(score) as score_sum,
        count(*) as answers
    from ranked_answers
    where answer_rank = 1
    group by account_id, date_month
),

-- the definition: the mean of the latest answer of each respondent, times 10
final as (
    select
        paying_months.account_id,
        paying_months.date_month,
        {{ exact_ratio(
            '10 * latest_answers.score_sum', 'latest_answers.answers', places=4
        ) }} as nps_score
    from paying_months
    left join latest_answers
        on
            paying_months.account_id = latest_answers.account_id
            and paying_months.date_month = latest_answers.date_month
)

select * from final
