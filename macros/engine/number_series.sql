{#- From-clause item: a row per whole number from one to another, both included, as
    `series(number)`. No row where either is null. -#}
{% macro number_series(first, last) -%}
    {{ return(adapter.dispatch('number_series')(first, last)) }}
{%- endmacro %}

{% macro duckdb__number_series(first, last) -%}
    (
        select unnest(generate_series(
            cast({{ first }} as bigint), cast({{ last }} as bigint)
        )) as number
    )
{%- endmacro %}
