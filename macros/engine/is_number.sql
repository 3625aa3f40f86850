{#- Whether a text is a number: digits, sign, point; no exponent. -#}
{% macro is_number(text) -%}
    {{ return(adapter.dispatch('is_number')(text)) }}
{%- endmacro %}

{% macro duckdb__is_number(text) -%}
    regexp_full_match({{ text }}, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)')
{%- endmacro %}

{#- rlike finds; \z, since $ would allow a line break at the end. -#}
{% macro spark__is_number(text) -%}
    {{ text }} rlike r'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)\z'
{%- endmacro %}
