{#- What identifies the place that raw tables are read from: a folder, a bucket prefix, a
    database without its user and password. Read from the warehouse, where pipeline/raw
    wrote it, so that neither macros nor target/ know RAW_LOCATION and RAW_DATABASE. -#}
{% macro raw_origin() %}
    {% if not execute %}
        {% do return('') %}
    {% endif %}
    {% do return(run_query('select origin from raw.raw_origin').rows[0][0]) %}
{% endmacro %}
