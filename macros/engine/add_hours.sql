{#- A timestamp some hours later. -#}
{% macro add_hours(timestamp, hours) -%}
    {{ return(adapter.dispatch('add_hours')(timestamp, hours)) }}
{%- endmacro %}

{% macro duckdb__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + to_hours(cast({{ hours }} as integer)))
{%- endmacro %}

{% macro spark__add_hours(timestamp, hours) -%}
    timestampadd(hour, cast({{ hours }} as int), {{ timestamp }})
{%- endmacro %}
