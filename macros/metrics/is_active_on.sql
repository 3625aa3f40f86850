{#- True where a period is active on a day: from its first day, before its end. -#}
{% macro is_active_on(periods, date) -%}
    {{ periods }}.started_on <= {{ date }}
    and coalesce({{ periods }}.ended_on, {{ no_end_date() }}) > {{ date }}
{%- endmacro %}
