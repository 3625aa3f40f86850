{#- Of rows with one key, the order in which they own it. -#}
{% macro rank_order(table, delivered, is_read, order_by) -%}
    {{ order_by }},
    {%- for column in raw_contract(table).columns %}
    {{ cell_text(column, delivered, is_read) }} asc nulls first{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
