{#- The date of a UTC timestamp in the reporting time zone. -#}
{% macro local_date(timestamp) -%}
    {{ return(adapter.dispatch('local_date')(timestamp)) }}
{%- endmacro %}

{% macro duckdb__local_date(timestamp) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
    cast({{ timestamp }} as date)
    {%- else -%}
    cast(timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ timestamp }})) as date)
    {%- endif -%}
{%- endmacro %}

{% macro spark__local_date(timestamp) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
    cast({{ timestamp }} as date)
    {%- else -%}
    cast(from_utc_timestamp({{ timestamp }}, '{{ var("reporting_timezone") }}') as date)
    {%- endif -%}
{%- endmacro %}
