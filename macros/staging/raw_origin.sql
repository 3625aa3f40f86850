{#- What identifies the place that raw tables are read from: a folder, a bucket prefix, a
    database without its user and password. Read from the warehouse, where pipeline/raw
    wrote it, so that neither macros nor target/ know RAW_LOCATION and RAW_DATABASE. -#}
{% macro raw_origin() %}
    {% if not execute %}
        {% do return('') %}
    {% endif %}
    {% set origin = run_query('select origin from raw.raw_origin').rows[0][0] %}
    {#- on Spark the raw tables are loaded by another command -#}
    {% if uses_demo_data() and origin != 'demo/data' %}
        {% do exceptions.raise_compiler_error(
            "The raw tables were loaded from " ~ origin ~ ", but RAW_LOCATION is not set:"
            ~ " metrics would be as of the demo's last day. Set it as for load-spark."
        ) %}
    {% endif %}
    {% do return(origin) %}
{% endmacro %}
