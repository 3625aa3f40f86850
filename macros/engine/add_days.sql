{#- A date some days later, or earlier where negative; a date, never a timestamp. -#}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days')(date, days)) }}
{%- endmacro %}

{% macro duckdb__add_days(date, days) -%}
    cast({{ date }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as int))
{%- endmacro %}
