{#- A polynomial of x by Horner's rule; coefficients from the highest power down. -#}
{% macro horner(coefficients, x) -%}
    {{ '(' * (coefficients | length - 1) }}{{ coefficients[0] }}
    {%- for coefficient in coefficients[1:] %} * {{ x }} + {{ coefficient }}){% endfor -%}
{%- endmacro %}
