{#- The timestamp, in UTC, of a number of seconds since 1970. -#}
{% macro epoch_timestamp(seconds) -%}
    {{ return(adapter.dispatch('epoch_timestamp')(seconds)) }}
{%- endmacro %}

{% macro duckdb__epoch_timestamp(seconds) -%}
    cast(timezone('UTC', to_timestamp(cast({{ seconds }} as double))) as timestamp)
{%- endmacro %}

{% macro spark__epoch_timestamp(seconds) -%}
    timestamp_micros(cast(round(cast({{ seconds }} as double) * 1000000) as bigint))
{%- endmacro %}
