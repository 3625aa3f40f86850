{#- An operation of `python -m pipeline load-spark`: tables over Parquet files, by
    reference. `tables` is {schema: {table: folder of its files}}; a schema has these
    tables afterwards and no other. -#}
{% macro create_raw_tables(tables) %}
    {% for schema, folders in tables.items() %}
        {% call statement('create_schema') %} create schema if not exists {{ schema }} {% endcall %}
        {% for row in run_query('show tables in ' ~ schema) %}
            {% do adapter.drop_relation(adapter.get_relation(none, schema, row.tableName)) %}
        {% endfor %}
        {% for table, folder in folders.items() %}
            {% call statement('create_table') %}
                create table {{ schema }}.{{ table }} using parquet
                location '{{ folder | replace("'", "\\'") }}'
            {% endcall %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
