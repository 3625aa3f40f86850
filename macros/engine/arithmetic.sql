{#- One whole number by another, rounded half up; neither is below zero. Exact: doubles
    take no part. -#}
{% macro divide_half_up(numerator, denominator) -%}
    {{ return(adapter.dispatch('divide_half_up')(numerator, denominator)) }}
{%- endmacro %}

{% macro duckdb__divide_half_up(numerator, denominator) -%}
    ((2 * ({{ numerator }}) + ({{ denominator }})) // (2 * ({{ denominator }})))
{%- endmacro %}


{#- A decimal as a whole number of its smallest units: 12.35 with 4 places is 123500. -#}
{% macro whole_units(decimal, places) -%}
    {{ return(adapter.dispatch('whole_units')(decimal, places)) }}
{%- endmacro %}

{% macro duckdb__whole_units(decimal, places) -%}
    cast(cast({{ decimal }} as decimal(38, {{ places }})) * {{ 10 ** places }} as hugeint)
{%- endmacro %}


{#- And back: whole units of 10^-4 as money. -#}
{% macro units_as_money(units) -%}
    {{ return(adapter.dispatch('units_as_money')(units)) }}
{%- endmacro %}

{% macro duckdb__units_as_money(units) -%}
    cast(cast({{ units }} as decimal(38, 0)) * 0.0001 as decimal(18, 4))
{%- endmacro %}
