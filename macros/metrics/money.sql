{#- Joins the rate in force on a row's own day (the latest on or before it), so that rates
    never make a movement. For the from clause of a CTE that imports exchange_rates. -#}
{% macro join_exchange_rates(rows, day) -%}
    inner join exchange_rates
        on
            {{ rows }}.currency = exchange_rates.currency
            and {{ rows }}.{{ day }} >= exchange_rates.valid_from
            and {{ rows }}.{{ day }}
            < coalesce(exchange_rates.valid_to, {{ no_end_date() }})
{%- endmacro %}


{#- An amount at its rate, in units of 10^-12 of the base currency: exact. -#}
{% macro base_currency_units(amount) -%}
    {{ whole_units(amount, 4) }} * {{ whole_units('exchange_rates.rate_to_base', 8) }}
{%- endmacro %}


{#- An amount at its rate as money of the base currency, rounded once, half up. -#}
{% macro in_base_currency(amount) -%}
    {{ units_as_money(divide_half_up(
        base_currency_units(amount), 'cast(100000000 as bigint)'
    )) }}
{%- endmacro %}
