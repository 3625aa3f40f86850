{#- A cell as delivered: trimmed if it is text, a null if it is not there. -#}
{% macro raw_cell(expression, column, delivered) -%}
    {%- if column.name not in delivered -%} cast(null as {{ dbt.type_string() }})
    {%- elif delivered[column.name] == 'text' -%} {{ trimmed_text(expression) }}
    {%- else -%} {{ expression }}
    {%- endif -%}
{%- endmacro %}
