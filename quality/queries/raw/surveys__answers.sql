-- The response rate of surveys, last quarter compared with the year before. The last
-- two weeks may still be answered.
with sent as (
    select
        cast(sent_at as date) > date '{{ as_of }}' - 104 as is_recent,
        score is not null as is_answered
    from {{ table }}
    where
        rejection_reason is null
        and cast(sent_at as date)
        between date '{{ as_of }}' - 469 and date '{{ as_of }}' - 15
),

counted as (
    select
        count(*) filter (where is_recent) as sent,
        count(*) filter (where not is_recent) as sent_before,
        count(*) filter (where is_recent and is_answered) as answered,
        count(*) filter (where not is_recent and is_answered) as answered_before
    from sent
)

select
    case
        when
            sent >= 100
            and sent_before >= 100
            and answered_before >= 0.05 * sent_before
            then (answered / sent) / (answered_before / sent_before)
    end as kept,
    answered || ' of the ' || sent || ' surveys of the last quarter answered, '
    || answered_before || ' of ' || sent_before || ' in the year before' as message
from counted
