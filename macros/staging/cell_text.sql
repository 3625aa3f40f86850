{#- The trimmed text of a cell of the row `delivered`, as delivered. -#}
{% macro cell_text(column, delivered, is_read) -%}
    {%- set raw = 'delivered.raw_' ~ column.name if is_read
        else raw_cell('delivered.' ~ column.name, column, delivered) | trim -%}
    {{ as_text(raw, delivered.get(column.name, 'text')) }}
{%- endmacro %}
