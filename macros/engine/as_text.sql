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

{#- DuckDB's text of a double: 10000000.0 where Java writes 1.0E7. -#}
{% macro spark__as_text(raw, kind) -%}
    {%- if kind == 'text' -%} {{ raw }}
    {%- elif kind in ('double', 'float') -%}
    case
        when isnan({{ raw }}) then 'nan'
        when abs({{ raw }}) = double('infinity') then case when {{ raw }} < 0 then '-inf' else 'inf' end
        else {{ without_exponent('cast(' ~ raw ~ ' as string)') }}
    end
    {%- elif kind == 'decimal' -%} {{ without_exponent('cast(' ~ raw ~ ' as string)') }}
    {%- else -%} cast({{ raw }} as string)
    {%- endif -%}
{%- endmacro %}
