{#- True where neither RAW_LOCATION (or var raw_location) nor RAW_DATABASE is set. -#}
{% macro uses_demo_data() %}
    {% set is_user_data = (target.plugins or []) | map(attribute='config.is_user_data') | join %}
    {% do return(not (var('raw_location') or is_user_data)) %}
{% endmacro %}
