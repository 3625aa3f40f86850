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


{#- A cell as delivered: trimmed if it is text, a null if it is not there. -#}
{% macro raw_cell(expression, column, delivered) -%}
    {%- if column.name not in delivered -%} cast(null as {{ dbt.type_string() }})
    {%- elif delivered[column.name] == 'text' -%} {{ trimmed_text(expression) }}
    {%- else -%} {{ expression }}
    {%- endif -%}
{%- endmacro %}


{% macro cell_value(raw, column, delivered) -%}
    {%- set value = read_value(raw, column.type, delivered.get(column.name, 'text')) | trim -%}
    {%- if column.drops_placeholders -%}
    case
        when lower({{ value }}) not in ({{ placeholder_list() }})
            then {{ value }}
    end
    {%- elif column.is_period_end and var('ended_on_is_inclusive') -%}
    {{ add_days(value, 1) }}
    {%- elif column.null_as is not none and column.null_as is defined -%}
    coalesce({{ value }}, '{{ column.null_as }}')
    {%- else -%} {{ value }}
    {%- endif -%}
{%- endmacro %}


{#- Var placeholder_ids, as SQL literals in lower case. -#}
{% macro placeholder_list() -%}
    '{{ var("placeholder_ids") | map("lower") | join("', '") }}'
{%- endmacro %}


{% macro read_updated_at(rows, delivered) -%}
    {%- set column = {'name': 'updated_at', 'type': 'timestamp'} -%}
    {{ cell_value(raw_cell(rows ~ '.updated_at', column, delivered) | trim, column, delivered) }}
{%- endmacro %}
