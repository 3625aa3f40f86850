{#- How many of Stripe's whole numbers are one of a currency, by its decimals (seed
    stripe_currencies). -#}
{% macro stripe_minor_units(decimals) -%}
    case {{ decimals }} when 0 then 1 when 3 then 1000 else 100 end
{%- endmacro %}
