{#- A decimal of a form such as `18, 4`. Null where the text is not a number, or the
    number does not fit. -#}
{% macro parse_decimal(text, form) -%}
    {{ return(adapter.dispatch('parse_decimal')(text, form)) }}
{%- endmacro %}

{% macro duckdb__parse_decimal(text, form) -%}
    case when {{ is_number(text) }} then try_cast({{ text }} as decimal({{ form }})) end
{%- endmacro %}

{% macro spark__parse_decimal(text, form) -%}
    case when {{ is_number(text) }} then try_cast({{ text }} as decimal({{ form }})) end
{%- endmacro %}
