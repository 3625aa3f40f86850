-- Events whose feature is in the catalogue, lately and in the year before: of four
-- weeks, and of less where only the newest days are read again (incremental builds).
{% if not has_catalogue -%}
select
    null as share,
    null as kept,
    'no feature catalogue' as message
{%- else -%}
with events as (
    select
        events.feature_key,
        events.date_day,
        catalogue.feature_key is not null as is_mapped,
        sum(events.row_count) as row_count
    from {{ table }} as events
    left join reference.feature_catalogue as catalogue
        on events.feature_key = catalogue.feature_key
    where
        events.rejection_reason is null
        and events.date_day > date '{{ as_of }}' - 393
        and events.date_day <= date '{{ as_of }}'
    group by events.feature_key, events.date_day, is_mapped
),

windows as (
    select unnest([3, 7, 28]) as days
),

compared as (
    select
        windows.days,
        events.*,
        events.date_day > date '{{ as_of }}' - windows.days as is_recent
    from windows
    inner join events
        on
            events.date_day > date '{{ as_of }}' - windows.days
            or events.date_day <= date '{{ as_of }}' - 28
),

totals as (
    select
        days,
        coalesce(sum(row_count) filter (where is_recent), 0) as recent,
        coalesce(sum(row_count) filter (where is_recent and is_mapped), 0)
            as recent_mapped,
        coalesce(sum(row_count) filter (where not is_recent), 0) as usual,
        coalesce(sum(row_count) filter (where not is_recent and is_mapped), 0)
            as usual_mapped,
        arg_max(feature_key, row_count) filter (where is_recent and not is_mapped)
            as example
    from compared
    group by days
),

shares as (
    select
        *,
        case when recent >= 100 then recent_mapped / recent end as share,
        case
            when recent >= 100 and usual >= 100 and usual_mapped >= 0.2 * usual
                then (recent_mapped / recent) / (usual_mapped / usual)
        end as kept
    from totals
),

lowest as (
    select
        *,
        max(case when days = 28 then share end) over () as share_of_four_weeks
    from shares
    order by kept asc nulls last, days desc
    limit 1
)

select
    share_of_four_weeks as share,
    kept,
    recent_mapped || ' of the ' || recent || ' events of the last ' || days
    || ' days are of features in the catalogue, ' || usual_mapped || ' of ' || usual
    || ' before' || coalesce('; not in it is ' || example, '') as message
from lowest
{%- endif %}
