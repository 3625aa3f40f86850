-- The CLI of three months against the three before.
with months as (
    select
        responses,
        cli,
        row_number() over (order by date_month desc) as months_back
    from {{ table }}
    where is_complete_month
),

quarters as (
    select
        sum(responses) filter (where months_back <= 3) as responses,
        sum(responses) filter (where months_back > 3) as responses_before,
        sum(cli * responses) filter (where months_back <= 3)
        / nullif(sum(responses) filter (where months_back <= 3), 0) as cli,
        sum(cli * responses) filter (where months_back > 3)
        / nullif(sum(responses) filter (where months_back > 3), 0) as cli_before
    from months
    where months_back <= 6
)

select
    case
        when least(responses, responses_before) >= {{ small }}
            then abs(cli - cli_before)
    end as swing,
    case when responses >= 100 then cli end as extreme,
    'CLI of three months ' || round(cli, 1) || ' from ' || responses
    || ' answers, before ' || coalesce(cast(round(cli_before, 1) as varchar), 'unknown')
        as message
from quarters
