{#- A value is present, but cannot be read. -#}
{% macro is_unparseable(column, kind) -%}
    {%- if kind == 'text' and column.type in ('money', 'rate', 'number', 'integer') -%}
    raw_{{ column.name }} is not null and not {{ is_number('raw_' ~ column.name) }}
    {%- else -%}
    raw_{{ column.name }} is not null and {{ column.name }} is null
    {%- endif -%}
{%- endmacro %}
