{#- An amount in a currency's minor unit as a decimal of the currency, to four places,
    half up. -#}
{% macro stripe_amount(minor, decimals) -%}
    {{ exact_ratio(minor, 'case ' ~ decimals ~ ' when 0 then 1 when 3 then 1000 else 100 end', 4) }}
{%- endmacro %}
