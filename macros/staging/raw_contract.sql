{#- The contract of a raw table in models/staging/sources.yml: its meta (required, key,
    first_date) and `columns`, a list of each column's name and meta in contract order.
    Only at run time: there is no graph while dbt parses. -#}
{% macro raw_contract(table) %}
    {% for source in graph.sources.values() if source.name == 'raw_' ~ table %}
        {% set columns = [] %}
        {% for column in source.columns.values() %}
            {% do columns.append(dict(column.config.meta, name=column.name)) %}
        {% endfor %}
        {% do return(dict(source.config.meta, columns=columns)) %}
    {% endfor %}
    {% do exceptions.raise_compiler_error("models/staging/sources.yml has no raw_" ~ table) %}
{% endmacro %}

