{#- A raw table: the relation that pipeline/raw/dbt_plugin.py made over what was delivered,
    empty where nothing was. -#}
{% macro raw_table(table) %}
    {% do return(source('raw', 'raw_' ~ table)) %}
{% endmacro %}


{% macro uses_demo_data() %}
    {% set is_user_data = (target.plugins or []) | map(attribute='config.is_user_data') | join %}
    {% do return(not (var('raw_location') or is_user_data)) %}
{% endmacro %}


{#- What identifies the place that raw tables are read from: a folder, a bucket prefix, a
    database without its user and password. Read from the warehouse, where the plugin wrote
    it, so that neither macros nor target/ know RAW_LOCATION and RAW_DATABASE. -#}
{% macro raw_origin() %}
    {% if not execute %}
        {% do return('') %}
    {% endif %}
    {% do return(run_query('select origin from raw.raw_origin').rows[0][0]) %}
{% endmacro %}
