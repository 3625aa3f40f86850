{#- The first date of a table's accepted rows in UTC, where its history begins; null for
    tables of today's state (rule 82). An aggregate over base_<table>. -#}
{% macro history_from(table) -%}
    {%- if table in ('accounts', 'users', 'account_aliases') -%}
    cast(null as date)
    {%- else -%}
    cast(
        min(
            case
                when rejection_reason is null
                    then {{ 'first_at' if is_event_table(table) else 'first_date_at' }}
            end
        ) as date
    )
    {%- endif -%}
{%- endmacro %}
