{#- A raw row as JSON of the contract's columns, trimmed text. Personal columns are
    redacted, and so is any other text that holds an e-mail address. -#}
{% macro raw_row_json(table, delivered) -%}
    {%- set pairs = [] -%}
    {%- for column in raw_contract(table).columns -%}
        {%- set text = as_text('raw_' ~ column.name, delivered.get(column.name, 'text')) -%}
        {%- if column.redacted -%}
            {%- set text = "case when " ~ text ~ " is not null then '[redacted]' end" -%}
        {%- elif delivered.get(column.name) in ('text', 'other') -%}
            {%- set text = without_address(text) -%}
        {%- endif -%}
        {%- do pairs.append((column.name, text)) -%}
    {%- endfor -%}
    {{ json_of(pairs) }}
{%- endmacro %}
