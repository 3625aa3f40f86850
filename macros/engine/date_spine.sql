{#- From-clause item: a row per day (or first of a month) from one date to another, both
    included, as `spine(date_day)`. No row where either is null. -#}
{% macro date_spine(first, last, unit='day') -%}
    {{ return(adapter.dispatch('date_spine')(first, last, unit)) }}
{%- endmacro %}

{% macro duckdb__date_spine(first, last, unit) -%}
    (
        select cast(unnest(generate_series(
            cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval 1 {{ unit }}
        )) as date) as date_{{ unit }}
    )
{%- endmacro %}

{#- sequence() fails where the last comes before the first. -#}
{% macro spark__date_spine(first, last, unit) -%}
    (
        select explode(
            case when first_day <= last_day then sequence(first_day, last_day, interval 1 {{ unit }}) end
        ) as date_{{ unit }}
        from (select cast({{ first }} as date) as first_day, cast({{ last }} as date) as last_day)
    )
{%- endmacro %}
