{#- The value of a cell in the contract's type. A typed cell is not converted to text,
    except where text decides: the shortest text of a double is the intended number. -#}
{% macro read_value(raw, type, kind) -%}
    {{ return(adapter.dispatch('read_value')(raw, type, kind)) }}
{%- endmacro %}

{% macro duckdb__read_value(raw, type, kind) -%}
    {%- set text = as_text(raw, kind) -%}
    {%- if type == 'text' -%} {{ text }}
    {%- elif type == 'date' -%}
        {%- if kind in ('date', 'timestamp') -%}
        case when isfinite({{ raw }}) then cast({{ raw }} as date) end
        {%- elif kind == 'timestamp_tz' -%}
        case when isfinite({{ raw }}) then cast(timezone('UTC', {{ raw }}) as date) end
        {%- else -%} {{ parse_date(text) }}
        {%- endif -%}
    {%- elif type == 'timestamp' -%}
        {%- if kind in ('date', 'timestamp') -%}
        case when isfinite({{ raw }}) then cast({{ raw }} as timestamp) end
        {%- elif kind == 'timestamp_tz' -%}
        case when isfinite({{ raw }}) then cast(timezone('UTC', {{ raw }}) as timestamp) end
        {%- else -%} {{ parse_timestamp(text) }}
        {%- endif -%}
    {%- elif type == 'boolean' -%}
        {%- if kind == 'boolean' -%} coalesce({{ raw }}, false)
        {%- else -%} {{ parse_boolean(text) }}
        {%- endif -%}
    {%- elif type in ('money', 'rate', 'number') -%}
        {%- set form = {'money': '18, 4', 'rate': '22, 8', 'number': '18, 9'}[type] -%}
        {%- if kind in ('integer', 'decimal') -%} try_cast({{ raw }} as decimal({{ form }}))
        {%- elif kind == 'double' and type == 'number' -%}
        case
            when abs({{ raw }}) < 1000000 then try_cast({{ raw }} as decimal({{ form }}))
            when isfinite({{ raw }}) then {{ parse_decimal(text, form) }}
        end
        {%- else -%} {{ parse_decimal(text, form) }}
        {%- endif -%}
    {%- elif type == 'integer' -%}
        {%- if kind == 'integer' -%} try_cast({{ raw }} as bigint)
        {%- else -%} {{ parse_integer(text) }}
        {%- endif -%}
    {%- else -%} {{ exceptions.raise_compiler_error("no column type " ~ type) }}
    {%- endif -%}
{%- endmacro %}

{#- Spark has no infinite dates. -#}
{% macro spark__read_value(raw, type, kind) -%}
    {%- set text = as_text(raw, kind) -%}
    {%- if type == 'text' -%} {{ text }}
    {%- elif type in ('date', 'timestamp') and kind in ('date', 'timestamp') -%}
    cast({{ raw }} as {{ type }})
    {%- elif type == 'date' -%} {{ parse_date(text) }}
    {%- elif type == 'timestamp' -%} {{ parse_timestamp(text) }}
    {%- elif type == 'boolean' -%}
        {%- if kind == 'boolean' -%} coalesce({{ raw }}, false)
        {%- else -%} {{ parse_boolean(text) }}
        {%- endif -%}
    {%- elif type in ('money', 'rate', 'number') -%}
        {%- set form = {'money': '18, 4', 'rate': '22, 8', 'number': '18, 9'}[type] -%}
        {%- if kind in ('integer', 'decimal') -%} try_cast({{ raw }} as decimal({{ form }}))
        {%- else -%} {{ parse_decimal(text, form) }}
        {%- endif -%}
    {%- elif type == 'integer' -%}
        {%- if kind == 'integer' -%} try_cast({{ raw }} as bigint)
        {%- else -%} {{ parse_integer(text) }}
        {%- endif -%}
    {%- else -%} {{ exceptions.raise_compiler_error("no column type " ~ type) }}
    {%- endif -%}
{%- endmacro %}
