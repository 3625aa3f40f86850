{#- The key's values as trimmed text, joined with `|`; a missing one is empty (rule 15). One
    that holds an e-mail address is redacted, but for ids that var address_ids publishes. -#}
{% macro row_key(table, delivered) -%}
    {%- for name in raw_contract(table).key -%}
    {%- set text = as_text('raw_' ~ name, delivered.get(name, 'text')) -%}
    {%- set is_published = name.endswith('_id') and var('address_ids') == 'publish' -%}
    {%- if delivered.get(name) in ('text', 'other') and not is_published -%}
        {%- set text = without_address(text) -%}
    {%- endif -%}
    {{ " || '|' || " if not loop.first }}coalesce({{ text }}, '')
    {%- endfor -%}
{%- endmacro %}
