{#- True where a row of the ledger is an account's latest on or before a day. -#}
{% macro is_effective_on(ledger, date) -%}
    {{ ledger }}.date_day <= {{ date }}
    and coalesce({{ ledger }}.next_change_on, {{ no_end_date() }}) > {{ date }}
{%- endmacro %}
