-- The NPS of the last quarter against the one before.
with quarters as (
    select
        date_month,
        nps,
        responses,
        lag(nps, 3) over (order by date_month) as nps_before,
        lag(responses, 3) over (order by date_month) as responses_before
    from {{ table }}
    where period_type = 'trailing_90_days' and is_complete_month
    order by date_month desc
    limit 1
)

select
    max(
        case
            when least(responses, responses_before) >= {{ small }}
                then abs(nps - nps_before)
        end
    ) as swing,
    max(case when responses >= 100 then abs(nps) end) as extreme,
    max(
        'NPS of the quarter ' || round(nps, 1) || ' from ' || responses
        || ' answers, of the one before '
        || coalesce(cast(round(nps_before, 1) as varchar), 'unknown')
    ) as message
from quarters
