{#- True where a period runs on a day: its first day counts, its end no longer does. -#}
{% macro is_active_on(periods, date) -%}
    {{ periods }}.started_on <= {{ date }}
    and coalesce({{ periods }}.ended_on, {{ no_end_date() }}) > {{ date }}
{%- endmacro %}
