{#- The components of the health score, in the order that breaks ties between them. -#}
{% macro health_components() -%}
    {{ return(['usage', 'billing', 'support', 'nps']) }}
{%- endmacro %}
