{#- The sources of a raw table, by var `sources`; empty where it is delivered as a table
    of the contract. -#}
{% macro sources_of(table) %}
    {% set names = var('sources').get(table, []) %}
    {% do return([names] if names is string else names) %}
{% endmacro %}
