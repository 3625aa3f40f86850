{#- Whether a row's key was delivered with blanks around it; null or false where not. -#}
{% macro key_has_blanks(table, delivered, rows) -%}
    {%- set found = [] -%}
    {%- for column in raw_contract(table).columns
        if column.name in raw_contract(table).key and delivered.get(column.name) == 'text' -%}
        {%- set raw = rows ~ '.' ~ column.name -%}
        {%- do found.append(raw ~ ' <> ' ~ trimmed_text(raw) | trim) -%}
    {%- endfor -%}
    {{ found | join(' or ') or 'false' }}
{%- endmacro %}
