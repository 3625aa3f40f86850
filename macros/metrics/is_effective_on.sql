{#- True where a row of the ledger is an account's latest on or before a day. -#}
{% macro is_effective_on(ledger, date) -%}
    {{ ledger }}.date_day <= {{ date }}
    and (
        {{ ledger }}.next_change_on > {{ date }}
        or {{ ledger }}.next_change_on is null
    )
{%- endmacro %}
