{#- An amount at its rate as money of the base currency, rounded once, half up. For a CTE
    that joins exchange_rates. -#}
{% macro in_base_currency(amount) -%}
    {{ exact_ratio(amount ~ ' * exchange_rates.rate_to_base', 1, places=4) }}
{%- endmacro %}
