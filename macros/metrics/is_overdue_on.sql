{#- True where an invoice is overdue on a day: not void, due before it, and not settled
    by then: neither paid nor written off for long (rule 61). -#}
{% macro is_overdue_on(invoices, date) -%}
    not {{ invoices }}.is_void
    and {{ invoices }}.due_on < {{ date }}
    and coalesce({{ invoices }}.settled_from, {{ no_end_date() }}) > {{ date }}
{%- endmacro %}
