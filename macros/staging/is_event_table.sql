{#- True for raw tables whose validated rows are counted by day (validate_events). -#}
{% macro is_event_table(table) %}
    {% do return(table in ('logins', 'feature_events')) %}
{% endmacro %}
