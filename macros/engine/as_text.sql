{#- A cell as the text that a CSV file would hold. -#}
{% macro as_text(raw, kind) -%}
    {{ return(adapter.dispatch('as_text')(raw, kind)) }}
{%- endmacro %}

{% macro duckdb__as_text(raw, kind) -%}
    {%- if kind == 'text' -%} {{ raw }}
    {%- elif kind in ('double', 'float') -%} {{ without_exponent('cast(' ~ raw ~ ' as varchar)') }}
    {%- elif kind == 'timestamp_tz' -%} cast(timezone('UTC', {{ raw }}) as varchar)
    {%- else -%} cast({{ raw }} as varchar)
    {%- endif -%}
{%- endmacro %}
