{#- An amount in a currency's minor unit as a decimal of the currency, to four places,
    half up. -#}
{% macro stripe_amount(minor, decimals) -%}
    {{ exact_ratio(minor, stripe_minor_units(decimals), 4) }}
{%- endmacro %}
