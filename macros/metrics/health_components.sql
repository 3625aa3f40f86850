{#- The components of the health score, in the order that breaks ties between them. The
    trend of use is one where var health_weights gives it a weight. -#}
{% macro health_components() -%}
    {%- set components = ['usage', 'billing', 'support', 'nps'] -%}
    {%- if 'trend' in var('health_weights') -%}
        {%- do components.append('trend') -%}
    {%- endif -%}
    {{ return(components) }}
{%- endmacro %}
