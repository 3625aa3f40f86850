{#- A whole number; 5.0 is one, 8.5 is null. -#}
{% macro parse_integer(text) -%}
    {{ return(adapter.dispatch('parse_integer')(text)) }}
{%- endmacro %}

{% macro duckdb__parse_integer(text) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]+(\.0*)?')
            then try_cast(regexp_replace({{ text }}, '\.0*$', '') as bigint)
    end
{%- endmacro %}

{% macro spark__parse_integer(text) -%}
    case
        when {{ text }} rlike r'^[+-]?[0-9]+([.]0*)?\z'
            then try_cast(regexp_replace({{ text }}, r'[.]0*\z', '') as bigint)
    end
{%- endmacro %}
