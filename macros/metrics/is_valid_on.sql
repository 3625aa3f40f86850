{#- True where an account's attributes are those of a day. -#}
{% macro is_valid_on(attributes, date) -%}
    {{ attributes }}.valid_from <= {{ date }}
    and coalesce({{ attributes }}.valid_until, {{ no_end_date() }}) > {{ date }}
{%- endmacro %}
