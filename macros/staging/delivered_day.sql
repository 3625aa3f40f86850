{#- The day of a delivered row of `delivered` in the reporting time zone; null where its
    timestamp cannot be read. -#}
{% macro delivered_day(table, at) -%}
    {%- if execute -%}
    {%- set delivered = delivered_columns(table) -%}
    {%- for column in raw_contract(table).columns if column.name == at -%}
    {{ local_date(cell_value(raw_cell('delivered.' ~ at, column, delivered), column, delivered)) }}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
