{#- A table of a source in the shape in which Fivetran lands it: the source's own table,
    or the model that makes it of another loader's. -#}
{% macro source_table(tool, table) %}
    {% set loader = source_setting(tool, 'loader', 'fivetran') %}
    {% if loader == 'fivetran' %}
        {% do return(source(tool, table)) %}
    {% endif %}
    {% do return(ref(tool ~ '_from_' ~ loader ~ '__' ~ table)) %}
{% endmacro %}
