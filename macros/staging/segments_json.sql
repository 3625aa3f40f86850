{#- The columns of var segments as JSON of texts: `unknown` where a cell is empty,
    [redacted] where it holds an e-mail address; null where the var names none. One column,
    so that tables and the history keep their columns. -#}
{% macro segments_json(prefix='') -%}
    {%- set pairs = [] -%}
    {%- for name in var('segments') -%}
        {%- set text = without_address(prefix ~ name) | trim -%}
        {%- do pairs.append((name, 'coalesce(' ~ text ~ ", 'unknown')")) -%}
    {%- endfor -%}
    {%- if pairs -%} {{ json_of(pairs) }}
    {%- else -%} cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
