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

{#- A null keeps its key; Spark leaves it out unless told. -#}
{% macro spark__json_of(pairs) -%}
    to_json(named_struct(
        {%- for name, expression in pairs -%}
        '{{ name }}', {{ expression }}{{ ", " if not loop.last }}
        {%- endfor -%}
    ), map('ignoreNullFields', 'false'))
{%- endmacro %}
