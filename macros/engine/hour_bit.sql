{#- 2^hour of a timestamp, in UTC: bit_or over a day's timestamps gives the hours with
    activity. -#}
{% macro hour_bit(moment) -%}
    {{ return(adapter.dispatch('hour_bit')(moment)) }}
{%- endmacro %}

{% macro duckdb__hour_bit(moment) -%}
    (1 << cast(extract(hour from {{ moment }}) as integer))
{%- endmacro %}

{% macro spark__hour_bit(moment) -%}
    shiftleft(1, hour({{ moment }}))
{%- endmacro %}
