{#- The columns of a raw table as delivered: {lower-case name: kind}. The kind decides how
    a cell is read: text is parsed, a typed value is taken as it is. -#}
{% macro delivered_columns(table) %}
    {% set kinds = {} %}
    {% for column in adapter.get_columns_in_relation(raw_table(table)) %}
        {% do kinds.update({column.name | lower: delivered_kind(column.data_type)}) %}
    {% endfor %}
    {% do return(kinds) %}
{% endmacro %}
