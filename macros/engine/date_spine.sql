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
