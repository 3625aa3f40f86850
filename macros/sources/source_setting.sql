{#- A setting of a source in var `source_settings`. -#}
{% macro source_setting(tool, name, default=none) %}
    {% set given = (var('source_settings').get(tool) or {}).get(name) %}
    {% do return(default if given is none else given) %}
{% endmacro %}
