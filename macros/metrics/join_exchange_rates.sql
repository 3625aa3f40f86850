{#- Joins the rate effective on a row's own day (the latest on or before it), so that
    exchange rates never cause a movement. For the from clause of a CTE that imports
    exchange_rates. -#}
{% macro join_exchange_rates(rows, day) -%}
    inner join exchange_rates
        on
            {{ rows }}.currency = exchange_rates.currency
            and {{ rows }}.{{ day }} >= exchange_rates.valid_from
            and {{ rows }}.{{ day }}
            < coalesce(exchange_rates.valid_to, {{ no_end_date() }})
{%- endmacro %}
