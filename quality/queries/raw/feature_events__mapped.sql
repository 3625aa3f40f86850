-- Events whose feature is in the catalogue, in the last 28 days and the year before.
{% if not has_catalogue -%}
select
    null as share,
    null as kept,
    'no feature catalogue' as message
{%- else -%}
with events as (
    select
        events.feature_key,
        events.row_count,
        events.date_day > date '{{ as_of }}' - 28 as is_recent,
        catalogue.feature_key is not null as is_mapped
    from {{ table }} as events
    left join reference.feature_catalogue as catalogue
        on events.feature_key = catalogue.feature_key
    where
        events.rejection_reason is null
        and events.date_day > date '{{ as_of }}' - 393
        and events.date_day <= date '{{ as_of }}'
),

totals as (
    select
        coalesce(sum(row_count) filter (where is_recent), 0) as recent,
        coalesce(sum(row_count) filter (where is_recent and is_mapped), 0)
            as recent_mapped,
        coalesce(sum(row_count) filter (where not is_recent), 0) as usual,
        coalesce(sum(row_count) filter (where not is_recent and is_mapped), 0)
            as usual_mapped,
        arg_max(feature_key, row_count) filter (where is_recent and not is_mapped)
            as example
    from events
)

select
    case when recent >= 100 then recent_mapped / recent end as share,
    case
        when recent >= 100 and usual >= 100 and usual_mapped >= 0.2 * usual
            then (recent_mapped / recent) / (usual_mapped / usual)
    end as kept,
    recent_mapped || ' of the ' || recent || ' events of four weeks are of features '
    || 'in the catalogue, ' || usual_mapped || ' of ' || usual || ' before'
    || coalesce('; not in it is ' || example, '') as message
from totals
{%- endif %}
