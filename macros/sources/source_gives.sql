{#- Whether var `sources` names a source for one of these tables of the contract. The
    models of sources are enabled by it. -#}
{% macro source_gives(source, tables) %}
    {% set given = [] %}
    {% for table in ([tables] if tables is string else tables) %}
        {% if source in sources_of(table) %}
            {% do given.append(table) %}
        {% endif %}
    {% endfor %}
    {% do return(given | length > 0) %}
{% endmacro %}
