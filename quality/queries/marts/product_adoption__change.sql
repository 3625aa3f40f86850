-- The last complete month against the one before.
with months as (
    select
        date_month,
        signed_up_users,
        adoption_rate,
        unmapped_events,
        lag(adoption_rate) over (order by date_month) as rate_before,
        median(unmapped_events) over (
            order by date_month rows between 6 preceding and 1 preceding
        ) as unmapped_before
    from {{ table }}
    where is_complete_month
    order by date_month desc
    limit 1
)

select
    max(
        case
            when signed_up_users >= 100 and rate_before >= 0.05
                then adoption_rate / rate_before
        end
    ) as kept,
    max(
        case
            when unmapped_events >= 100
                then unmapped_events / greatest(unmapped_before, 1)
        end
    ) as unmapped,
    max(
        'adoption went from ' || round(100 * rate_before, 1) || '% to '
        || round(100 * adoption_rate, 1) || '%, ' || unmapped_events
        || ' events of features that the catalogue does not know'
    ) as message
from months
