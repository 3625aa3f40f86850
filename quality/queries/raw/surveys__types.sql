-- Kinds of survey sent for a year, but not in the last three months.
with kinds as (
    select survey_type
    from {{ table }}
    where
        rejection_reason is null
        and cast(sent_at as date) between date '{{ as_of }}'
        - 456 and date '{{ as_of }}'
    group by survey_type
    having
        count(*) filter (where cast(sent_at as date) <= date '{{ as_of }}' - 92) >= 100
        and count(*) filter (where cast(sent_at as date) > date '{{ as_of }}' - 92) = 0
)

select
    count(*) as vanished,
    coalesce(
        'none for three months of '
        || string_agg(survey_type, ', ' order by survey_type),
        'none missing'
    ) as message
from kinds
