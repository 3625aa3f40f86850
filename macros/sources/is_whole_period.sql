{#- Whether the days from one date to another are a number of periods of a unit (day, week,
    month or year). Months that start late end on the last day of shorter ones. -#}
{% macro is_whole_period(started_on, ended_on, length, unit) -%}
    coalesce(
        case {{ unit }}
            when 'day' then {{ days_between(started_on, ended_on) }} = {{ length }}
            when 'week' then {{ days_between(started_on, ended_on) }} = 7 * {{ length }}
            else
                {%- set ends = add_months(
                    started_on,
                    'case ' ~ unit ~ " when 'year' then 12 * " ~ length ~ ' else ' ~ length ~ ' end'
                ) %}
                {{ ends }} = {{ ended_on }}
                or (
                    (extract(day from {{ started_on }}) >= 28 or extract(day from {{ ended_on }}) >= 28)
                    and abs({{ days_between(ends, ended_on) }}) <= 3
                )
        end,
        false
    )
{%- endmacro %}
