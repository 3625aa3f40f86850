{#- The value of a cell in the contract's type. A typed cell is not converted to text,
    except where text decides: the shortest text of a double is the intended number. -#}
{% macro read_value(raw, type, kind) -%}
    {%- set text = as_text(raw, kind) -%}
    {%- if type == 'text' -%} {{ text }}
    {%- elif type in ('date', 'timestamp') -%} {{ read_moment(raw, type, kind) }}
    {%- elif type == 'boolean' -%}
        {%- if kind == 'boolean' -%} coalesce({{ raw }}, false)
        {%- else -%} {{ parse_boolean(text) }}
        {%- endif -%}
    {%- elif type in ('money', 'rate', 'number') -%}
        {%- set form = {'money': '18, 4', 'rate': '22, 8', 'number': '18, 9'}[type] -%}
        {%- if kind in ('integer', 'decimal') -%} try_cast({{ raw }} as decimal({{ form }}))
        {%- elif kind == 'double' and type == 'number' -%} {{ read_double(raw, form) }}
        {%- else -%} {{ parse_decimal(text, form) }}
        {%- endif -%}
    {%- elif type == 'integer' -%}
        {%- if kind == 'integer' -%} try_cast({{ raw }} as bigint)
        {%- else -%} {{ parse_integer(text) }}
        {%- endif -%}
    {%- else -%} {{ exceptions.raise_compiler_error("no column type " ~ type) }}
    {%- endif -%}
{%- endmacro %}
