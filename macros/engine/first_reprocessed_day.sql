{#- From which day on to reprocess, for a first open day: both as ISO text. -#}
{% macro first_reprocessed_day(open_day) %}
    {{ return(adapter.dispatch('first_reprocessed_day')(open_day)) }}
{% endmacro %}

{% macro duckdb__first_reprocessed_day(open_day) %}
    {% do return(open_day) %}
{% endmacro %}

{#- Whole months are replaced. -#}
{% macro spark__first_reprocessed_day(open_day) %}
    {% do return(open_day[:8] ~ '01') %}
{% endmacro %}
