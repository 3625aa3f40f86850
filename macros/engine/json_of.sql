{#- JSON text of (name, expression) pairs. -#}
{% macro json_of(pairs) -%}
    {{ return(adapter.dispatch('json_of')(pairs)) }}
{%- endmacro %}

{% macro duckdb__json_of(pairs) -%}
    cast(json_object(
        {%- for name, expression in pairs -%}
        '{{ name }}', {{ expression }}{{ ", " if not loop.last }}
        {%- endfor -%}
    ) as varchar)
{%- endmacro %}
