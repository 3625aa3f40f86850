{#- True where a period with this last day is complete: the as-of day counts in full
    (rule 1). -#}
{% macro is_complete(last_day) -%}
    {{ last_day }} <= {{ as_of_date() }}
{%- endmacro %}
