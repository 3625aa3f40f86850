{#- A raw table: the relation that pipeline/raw created over the delivered data, with
    delivered types, empty for an absent table; or the model that makes it of the tables
    of sources (var `sources`). -#}
{% macro raw_table(table) %}
    {% if sources_of(table) or (table == 'account_aliases' and var('sources')) %}
        {% do return(ref('raw_' ~ table)) %}
    {% endif %}
    {% do return(source('raw', 'raw_' ~ table)) %}
{% endmacro %}
