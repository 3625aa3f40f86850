{#- The text of a top-level key of JSON text, where the key is an expression; null where it
    is not there or cannot be read. -#}
{% macro json_text_at(expression, key) -%}
    {{ return(adapter.dispatch('json_text_at')(expression, key)) }}
{%- endmacro %}

{% macro duckdb__json_text_at(expression, key) -%}
    case
        when json_valid({{ expression }})
            then json_extract_string({{ expression }}, '$."' || {{ key }} || '"')
    end
{%- endmacro %}

{% macro spark__json_text_at(expression, key) -%}
    get_json_object({{ expression }}, r"$['" || {{ key }} || r"']")
{%- endmacro %}
