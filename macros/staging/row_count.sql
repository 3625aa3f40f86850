{#- How many raw rows a row of base_<table> represents. -#}
{% macro row_count(table) -%}
    {{ 'row_count' if is_event_table(table) else '1' }}
{%- endmacro %}
