{#- True where neither RAW_LOCATION (or var raw_location) nor RAW_DATABASE is set. -#}
{% macro uses_demo_data() %}
    {% do return(not (var('raw_location') or raw_data_is_given())) %}
{% endmacro %}
