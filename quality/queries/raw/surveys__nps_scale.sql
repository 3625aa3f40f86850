-- Five-star answers delivered as NPS: no score above 5. `answers` counts all answers in
-- that case; `missing` is the number above 5 expected in the last one, two or three
-- months, from the share before, if there was none.
with answers as (
    select
        score,
        cast(sent_at as date) as sent_on
    from {{ table }}
    where
        rejection_reason is null
        and survey_type = 'nps'
        and score is not null
        and cast(sent_at as date) <= date '{{ as_of }}'
),

windows as (
    select unnest([31, 62, 92]) as days
),

compared as (
    select
        windows.days,
        count(*) filter (where answers.sent_on > date '{{ as_of }}' - windows.days)
            as recent,
        count(*) filter (
            where
            answers.sent_on > date '{{ as_of }}' - windows.days and answers.score > 5
        ) as recent_above,
        count(*) filter (where answers.sent_on <= date '{{ as_of }}' - windows.days)
            as before,
        count(*) filter (
            where
            answers.sent_on <= date '{{ as_of }}' - windows.days and answers.score > 5
        ) as before_above
    from answers
    cross join windows
    group by windows.days
),

expected as (
    select
        days,
        recent,
        case
            when recent_above = 0 then recent * before_above / nullif(before, 0) else 0
        end as above
    from compared
),

latest as (
    select
        max(above) as missing,
        max_by(days, above) as days,
        max_by(recent, above) as recent
    from expected
),

totals as (
    select
        count(*) as answers,
        max(score) as highest
    from answers
)

select
    case when totals.highest <= 5 then totals.answers else 0 end as answers,
    latest.missing,
    case
        when latest.missing > 0
            then
                'none of the ' || latest.recent || ' nps answers of the last '
                || latest.days || ' days is above 5, about ' || round(latest.missing)
                || ' would be usual'
        else
            'the highest of ' || totals.answers || ' nps answers is '
            || coalesce(totals.highest, 0)
    end as message
from totals
cross join latest
