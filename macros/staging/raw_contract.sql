{#- The contract of a raw table in models/staging/sources.yml: its meta (required, key,
    first_date) and `columns`, a list of each column's name and meta in contract order;
    of accounts, the columns of var segments come last. Only at run time: there is no graph while dbt parses. -#}
{% macro raw_contract(table) %}
    {% for source in graph.sources.values() if source.name == 'raw_' ~ table %}
        {% set columns = [] %}
        {% for column in source.columns.values() %}
            {% do columns.append(dict(column.config.meta, name=column.name)) %}
        {% endfor %}
        {% for name in var('segments') if table == 'accounts' %}
            {% do columns.append({'name': name, 'type': 'text'}) %}
        {% endfor %}
        {% do return(dict(source.config.meta, columns=columns)) %}
    {% endfor %}
    {% do exceptions.raise_compiler_error("models/staging/sources.yml has no raw_" ~ table) %}
{% endmacro %}

