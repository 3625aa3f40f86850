{#-
    A select that reads the cells of delivered rows. For every column of the contract:

        raw_<column>  the cell as delivered; text is trimmed, and null where nothing is left
        <column>      its value in the contract's type; null where it cannot be read. An
                      account's id is the one that account_aliases gives it (rule 75)

    and `updated_at`, if it was delivered, and `set_aside_reason`: filtered or
    deleted_at_source (rules 70, 71). A column that was not delivered is null.

        delivered  the result of delivered_columns for the table
        rows       a CTE of delivered rows
        keep       more columns of it to keep
-#}
{% macro read_cells(table, delivered, rows='source', keep=()) -%}
    {%- set has_aliases = table != 'account_aliases' -%}
    select
        {%- for column in raw_contract(table).columns %}
        {%- set raw = raw_cell(rows ~ '.' ~ column.name, column, delivered) | trim %}
        {{ raw }} as raw_{{ column.name }},
        {% if column.is_account_id and has_aliases -%}
        coalesce(
            alias_of_{{ column.name }}.account_id,
            {{ cell_value(raw, column, delivered) }}
        ) as {{ column.name }},
        {%- else -%}
        {{ cell_value(raw, column, delivered) }} as {{ column.name }},
        {%- endif %}
        {%- endfor %}
        {%- for name in keep %}
        {{ rows }}.{{ name }},
        {%- endfor %}
        {{ read_updated_at(rows, delivered) }} as updated_at,
        {{ set_aside_reason(rows, delivered) }} as set_aside_reason
    from {{ rows }}
    {%- for column in raw_contract(table).columns if column.is_account_id and has_aliases %}
    left join (
        {{ aliases_for(table) }}
    ) as alias_of_{{ column.name }}
        on {{ cell_value(
            raw_cell(rows ~ '.' ~ column.name, column, delivered) | trim, column, delivered
        ) }} = alias_of_{{ column.name }}.alias_id
    {%- endfor %}
{%- endmacro %}
