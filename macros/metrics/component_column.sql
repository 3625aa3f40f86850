{#- A column of a component, null where the component takes no part in the score. -#}
{% macro component_column(expression, component, type) -%}
    {%- if component in health_components() -%} {{ expression }}
    {%- else -%} cast(null as {{ type }})
    {%- endif -%}
{%- endmacro %}
