{#-
    What to read a raw table's rows from: the raw table itself, but with var address_ids
    `hash` a select of it in which e-mail addresses in ids are hashed as
    dim_users.email_hash is. Rows are read here and nowhere else, so keys, joins, row_key
    and account_aliases all see the same hash. An id that holds an address among other text
    is hashed as a whole.
-#}
{% macro delivered_rows(table) -%}
    {%- if var('address_ids') != 'hash' -%}
    {{ raw_table(table) }}
    {%- else -%}
    {%- set delivered = delivered_columns(table) -%}
    {%- set columns = {} -%}
    {%- for column in raw_contract(table).columns if holds_address_ids(column, delivered) -%}
        {%- do columns.update({column.name: column}) -%}
    {%- endfor -%}
    (
        select
            {%- for name, kind in delivered.items() %}
            {% if name in columns -%}
            {%- set raw = raw_cell('delivered.' ~ name, columns[name], delivered) | trim -%}
            {%- set text = as_text(raw, kind) | trim -%}
            case
                when
                    {{ has_address(text) }}
                    {%- if columns[name].drops_placeholders %}
                    and lower({{ text }}) not in ({{ placeholder_list() }})
                    {%- endif %}
                    then {{ sha256_hex(email_hash_salt() ~ ' || lower(' ~ text ~ ')') }}
                else {{ text }}
            end as {{ name }}{{ "," if not loop.last }}
            {%- else -%}
            delivered.{{ name }}{{ "," if not loop.last }}
            {%- endif %}
            {%- endfor %}
        from {{ raw_table(table) }} as delivered
    )
    {%- endif -%}
{%- endmacro %}
