{#- A raw table: the relation that pipeline/raw created over the delivered data, with
    delivered types; empty for an absent table. -#}
{% macro raw_table(table) %}
    {% do return(source('raw', 'raw_' ~ table)) %}
{% endmacro %}
