{#- The number of delivered events changed for days that are final. -#}
{% macro report_older_days(results) %}
    {% for result in results
        if result.node.name == 'event_days_are_complete' and result.status == 'warn' %}
        {% do log(
            "Older days changed: " ~ result.failures ~ " days of logins or feature events,"
            ~ " more than " ~ var('late_arrival_days') ~ " days back (var"
            ~ " late_arrival_days), have a different number of rows than at the last build."
            ~ " The metrics exclude the change until `dbt build --full-refresh`.",
            info=true
        ) %}
    {% endfor %}
{% endmacro %}
