{#- How many days before a term fell due its forecast is evaluated, and fitted. -#}
{% macro forecast_horizons() -%}
    {{ return([30, 60, 90]) }}
{%- endmacro %}
