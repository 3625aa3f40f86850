{#- The columns that aggregates use: session_minutes in sum(session_minutes). -#}
{% macro measures_of(measures) %}
    {% set names = [] %}
    {% for expression in measures.values() %}
        {% for name in modules.re.findall('[(]([a-z_]+)[)]', expression) if name not in names %}
            {% do names.append(name) %}
        {% endfor %}
    {% endfor %}
    {% do return(names) %}
{% endmacro %}
