{#- A timestamp some hours later. -#}
{% macro add_hours(timestamp, hours) -%}
    {{ return(adapter.dispatch('add_hours')(timestamp, hours)) }}
{%- endmacro %}

{% macro duckdb__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + to_hours(cast({{ hours }} as integer)))
{%- endmacro %}
