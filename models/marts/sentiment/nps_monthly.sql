-- Grain: one row per month and kind of period (date_month, period_type), from the first
-- NPS survey to the month of as_of_date.
with surveys as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps'
),

months as (
    select * from {{ ref('int_months') }}
    where
        date_month >= (
            select
                {{ month_of('least(min(surveys.sent_on), min(surveys.responded_on))') }}
            from surveys
        )
),

periods as (
    select
        date_month,
        'month' as period_type,
        date_month as starts_on,
        ends_on,
        is_complete_month
    from months
    union all
    select
        date_month,
        'trailing_90_days' as period_type,
        {{ add_days('ends_on', -89) }} as starts_on,
        ends_on,
        is_complete_month
    from months
),

sent as (
    select
        periods.date_month,
        periods.period_type,
        count(*) as surveys_sent,
        count(*) filter (where surveys.is_answered) as surveys_answered
    from periods
    inner join surveys on surveys.sent_on between periods.starts_on and periods.ends_on
    group by periods.date_month, periods.period_type
),

-- each respondent counts once per period, with the latest answer
ranked as (
    select
        periods.date_month,
        periods.period_type,
        {{ nps_segment('surveys.score') }} as nps_segment,
        {{ answer_rank(
            'surveys', within=['periods.date_month', 'periods.period_type']
        ) }} as answer_rank
    from periods
    inner join surveys
        on surveys.responded_on between periods.starts_on and periods.ends_on
    where surveys.is_answered
),

counted as (
    select
        date_month,
        period_type,
        count(*) as responses,
        count(*) filter (where nps_segment = 'promoter') as promoters,
        count(*) filter (where nps_segment = 'passive') as passives,
        count(*) filter (where nps_segment = 'detractor') as detractors
    from ranked
    where answer_rank = 1
    group by date_month, period_type
),

-- a period without answers has a row too
filled as (
    select
        periods.date_month,
        periods.period_type,
        periods.is_complete_month,
        coalesce(sent.surveys_sent, 0) as surveys_sent,
        cast(coalesce(sent.surveys_answered, 0) as bigint) as surveys_answered,
        coalesce(counted.responses, 0) as responses,
        cast(coalesce(counted.promoters, 0) as bigint) as promoters,
        cast(coalesce(counted.passives, 0) as bigint) as passives,
        cast(coalesce(counted.detractors, 0) as bigint) as detractors
    from periods
    left join sent
        on
            periods.date_month = sent.date_month
            and periods.period_type = sent.period_type
    left join counted
        on
            periods.date_month = counted.date_month
            and periods.period_type = counted.period_type
),

final as (
    select
        date_month,
        period_type,
        surveys_sent,
        surveys_answered,
        responses,
        {{ ratio('surveys_answered', 'surveys_sent') }} as response_rate,
        promoters,
        passives,
        detractors,
        {{ ratio('promoters', 'responses') }} as promoter_share,
        {{ ratio('passives', 'responses') }} as passive_share,
        {{ ratio('detractors', 'responses') }} as detractor_share,
        {{ ratio('100 * (promoters - detractors)', 'responses') }} as nps,
        {{ nps_bound('promoters', 'detractors', 'responses', 'lower') }} as nps_lower,
        {{ nps_bound('promoters', 'detractors', 'responses', 'upper') }} as nps_upper,
        {{ is_small_sample('responses') }} as is_small_sample,
        is_complete_month
    from filled
)

select * from final
