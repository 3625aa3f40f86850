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

{#- sequence() fails where the last comes before the first. -#}
{% macro spark__number_series(first, last) -%}
    (
        select explode(
            case when first_number <= last_number then sequence(first_number, last_number) end
        ) as number
        from (
            select cast({{ first }} as bigint) as first_number, cast({{ last }} as bigint) as last_number
        )
    )
{%- endmacro %}
