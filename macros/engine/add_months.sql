{#- The same day of a later month, or that month's last day: 31 Jan + 1 is 28 or 29 Feb. -#}
{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch('add_months')(date, months)) }}
{%- endmacro %}

{% macro duckdb__add_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro spark__add_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as int))
{%- endmacro %}
