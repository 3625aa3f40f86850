{#- Messages at the end of a run, in addition to dbt's own output. -#}
{% macro report_at_end(results) %}
    {% if execute %}
        {% do report_rejections(results) %}
        {% do report_older_days(results) %}
    {% endif %}
{% endmacro %}
