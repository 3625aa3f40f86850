{#- True where a row, of an account's attributes or of a rate, is the one of a day. -#}
{% macro is_valid_on(rows, date) -%}
    {{ rows }}.valid_from <= {{ date }}
    and coalesce({{ rows }}.valid_until, {{ no_end_date() }}) > {{ date }}
{%- endmacro %}
