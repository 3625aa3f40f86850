{#- The date or timestamp of a cell, in UTC. -#}
{% macro read_moment(raw, type, kind) -%}
    {{ return(adapter.dispatch('read_moment')(raw, type, kind)) }}
{%- endmacro %}

{% macro duckdb__read_moment(raw, type, kind) -%}
    {%- if kind in ('date', 'timestamp') -%}
    case when isfinite({{ raw }}) then cast({{ raw }} as {{ type }}) end
    {%- elif kind == 'timestamp_tz' -%}
    case when isfinite({{ raw }}) then cast(timezone('UTC', {{ raw }}) as {{ type }}) end
    {%- elif type == 'date' -%} {{ parse_date(as_text(raw, kind)) }}
    {%- else -%} {{ parse_timestamp(as_text(raw, kind)) }}
    {%- endif -%}
{%- endmacro %}

{#- Spark has no infinite dates, and its sessions run in UTC. -#}
{% macro spark__read_moment(raw, type, kind) -%}
    {%- if kind in ('date', 'timestamp') -%} cast({{ raw }} as {{ type }})
    {%- elif type == 'date' -%} {{ parse_date(as_text(raw, kind)) }}
    {%- else -%} {{ parse_timestamp(as_text(raw, kind)) }}
    {%- endif -%}
{%- endmacro %}
