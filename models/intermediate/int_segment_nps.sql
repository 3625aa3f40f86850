-- Grain: one row per month, kind of segment and segment (date_month, segment_type,
-- segment_value) with an answer in the 90 days to the month's end, of accounts that are
-- customers at its start.
with customers as (
    select * from {{ ref('int_segment_customers') }}
),

nps_answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

-- each answer in each segment of its account
answers as (
    {%- for segment_type, column in segment_types().items() %}
    select
        customers.date_month,
        '{{ segment_type }}' as segment_type,
        customers.{{ column }} as segment_value,
        nps_answers.respondent_key,
        nps_answers.is_anonymous,
        nps_answers.responded_at,
        nps_answers.response_id,
        {{ nps_segment('nps_answers.score') }} as nps_segment
    from customers
    inner join nps_answers
        on
            customers.account_id = nps_answers.account_id
            and nps_answers.responded_on > {{ add_days('customers.ends_on', -90) }}
            and nps_answers.responded_on <= customers.ends_on
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- each respondent counts once in a segment, with the latest answer
ranked as (
    select
        answers.date_month,
        answers.segment_type,
        answers.segment_value,
        answers.nps_segment,
        {{ answer_rank(
            'answers',
            within=[
                'answers.date_month', 'answers.segment_type', 'answers.segment_value'
            ]
        ) }} as answer_rank
    from answers
),

final as (
    select
        date_month,
        segment_type,
        segment_value,
        count(*) as responses,
        count(case when nps_segment = 'promoter' then 1 end) as promoters,
        count(case when nps_segment = 'detractor' then 1 end) as detractors
    from ranked
    where answer_rank = 1
    group by date_month, segment_type, segment_value
)

select * from final
