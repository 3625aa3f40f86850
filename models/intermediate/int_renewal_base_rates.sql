-- Grain: one row per day from which a base rate is valid (valid_from): the terms that
-- fell due before it, and how many of them were renewed.
with terms as (
    select * from {{ ref('int_renewal_terms') }}
    where not is_open
),

by_day as (
    select
        due_on,
        count(*) as decided,
        count(*) filter (where is_renewed) as renewed
    from terms
    group by due_on
),

-- a term that falls due on a day is decided for forecasts of the day after
cumulated as (
    select
        {{ add_days('due_on', 1) }} as valid_from,
        {{ add_days('lead(due_on) over (order by due_on)', 1) }} as valid_until,
        cast(sum(decided) over (
            order by due_on rows between unbounded preceding and current row
        ) as bigint) as decided,
        cast(sum(renewed) over (
            order by due_on rows between unbounded preceding and current row
        ) as bigint) as renewed
    from by_day
),

final as (
    select
        *,
        {{ ratio('renewed', 'decided') }} as renewed_share
    from cumulated
)

select * from final
