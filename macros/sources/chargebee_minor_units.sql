{#- How many of Chargebee's whole numbers are one of the currency: 1 for currencies without
    decimals by ISO 4217, 100 for all others, three-decimal ones too. `decimals` is the
    column of a left join of stripe_currencies, whose list differs for two currencies. -#}
{% macro chargebee_minor_units(currency, decimals) -%}
    case
        when {{ currency }} = 'MGA' then 100
        when {{ currency }} = 'ISK' or {{ decimals }} = 0 then 1
        else 100
    end
{%- endmacro %}
