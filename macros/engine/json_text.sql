{#- The text of a key of JSON text, null where it is not there or cannot be read; `a.b` is
    key b of the object at key a. -#}
{% macro json_text(expression, key) -%}
    {{ return(adapter.dispatch('json_text')(expression, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(expression, key) -%}
    case
        when json_valid({{ expression }})
            then json_extract_string({{ expression }}, '$."{{ key | replace(".", '"."') }}"')
    end
{%- endmacro %}

{% macro spark__json_text(expression, key) -%}
    get_json_object({{ expression }}, r"$['{{ key | replace('.', "']['") }}']")
{%- endmacro %}
