{#- A raw table: the relation that pipeline/raw made over what was delivered, typed as
    delivered; of an absent table an empty one. -#}
{% macro raw_table(table) %}
    {% do return(source('raw', 'raw_' ~ table)) %}
{% endmacro %}
