{#-
    Select list that reads the cells of a raw table. For every column of the contract:

        raw_<column>  the cell as delivered; text is trimmed, and null where nothing is left
        <column>      its value in the contract's type; null where it cannot be read

    A column that was not delivered is null. `updated_at` is read as well, if it is there.
    `delivered` is what delivered_columns says of the table.
-#}
{% macro read_cells(table, delivered, source='source') -%}
    {%- for column in raw_contract(table).columns %}
    {{ raw_cell(source ~ '.' ~ column.name, column, delivered) }} as raw_{{ column.name }},
    {{ cell_value(raw_cell(source ~ '.' ~ column.name, column, delivered), column, delivered) }}
        as {{ column.name }},
    {%- endfor %}
    {{ read_updated_at(source, delivered) }} as updated_at
{%- endmacro %}


{#- A cell as delivered: trimmed if it is text, a null of the right type if it is not there. -#}
{% macro raw_cell(expression, column, delivered) -%}
    {%- if column.name not in delivered -%} cast(null as {{ dbt.type_string() }})
    {%- elif delivered[column.name] == 'text' -%} {{ trimmed_text(expression) }}
    {%- else -%} {{ expression }}
    {%- endif -%}
{%- endmacro %}


{% macro cell_value(raw, column, delivered) -%}
    {{ read_value(raw, column.type, delivered.get(column.name, 'text')) }}
{%- endmacro %}


{% macro read_updated_at(source, delivered) -%}
    {%- if 'updated_at' not in delivered -%} cast(null as {{ dbt.type_timestamp() }})
    {%- elif delivered['updated_at'] == 'text' -%}
    {{ read_value(trimmed_text(source ~ '.updated_at'), 'timestamp', 'text') }}
    {%- else -%}
    {{ read_value(source ~ '.updated_at', 'timestamp', delivered['updated_at']) }}
    {%- endif -%}
{%- endmacro %}
