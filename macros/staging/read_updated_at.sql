{#- `updated_at` of delivered rows, as a timestamp. -#}
{% macro read_updated_at(rows, delivered) -%}
    {%- set column = {'name': 'updated_at', 'type': 'timestamp'} -%}
    {{ cell_value(raw_cell(rows ~ '.updated_at', column, delivered) | trim, column, delivered) }}
{%- endmacro %}
