-- The largest share of one kind in a year's answers.
with kinds as (
    select
        nps_segment,
        count(*) as answers
    from {{ table }}
    where responded_at >= date '{{ as_of }}' - 365
    group by nps_segment
)

select
    case when sum(answers) >= 100 then max(answers) / sum(answers) end as share,
    max(answers) || ' of the ' || sum(answers) || ' answers of a year are '
    || max_by(nps_segment, answers) || 's' as message
from kinds
