{#- Whether a variable says where the raw data is. On DuckDB from the profile, so that no
    macro reads the variables themselves: they may hold a password. -#}
{% macro raw_data_is_given() %}
    {{ return(adapter.dispatch('raw_data_is_given')()) }}
{% endmacro %}

{% macro duckdb__raw_data_is_given() %}
    {% do return((target.plugins or []) | map(attribute='config.is_user_data') | join != '') %}
{% endmacro %}

{% macro spark__raw_data_is_given() %}
    {% do return(env_var('RAW_LOCATION', '') != '') %}
{% endmacro %}
