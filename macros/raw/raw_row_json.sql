{#- A raw row as JSON of the contract's columns, trimmed text; personal text redacted. -#}
{% macro raw_row_json(columns) -%}
    {%- set pairs = [] -%}
    {%- for column in columns -%}
        {%- set text = 'raw_' ~ column.name -%}
        {%- if column.redacted -%}
            {%- set text = "case when " ~ text ~ " is not null then '[redacted]' end" -%}
        {%- endif -%}
        {%- do pairs.append((column.name, text)) -%}
    {%- endfor -%}
    {{ json_of(pairs) }}
{%- endmacro %}
