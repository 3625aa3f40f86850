{#-
    Why a delivered row is excluded entirely, null where it is not (rules 70, 71):
    `filtered` where the condition of var raw_filters is not true, which pipeline/raw
    delivers as _passes_raw_filter; `deleted_at_source` where a column of var
    soft_delete_columns has a value that is neither empty nor false.
-#}
{% macro set_aside_reason(rows, delivered) -%}
    {%- set deleted = [] -%}
    {%- for name in var('soft_delete_columns') if name | lower in delivered -%}
        {%- set column = {'name': name | lower} -%}
        {%- do deleted.append(column) -%}
    {%- endfor -%}
    {%- if '_passes_raw_filter' in delivered or deleted -%}
    case
        {%- if '_passes_raw_filter' in delivered %}
        when {{ rows }}._passes_raw_filter is not true then 'filtered'
        {%- endif %}
        {%- for column in deleted %}
        when lower({{ as_text(
            raw_cell(rows ~ '.' ~ column.name, column, delivered) | trim, delivered[column.name]
        ) }}) not in ('false', 'f', '0', 'no', 'n')
            then 'deleted_at_source'
        {%- endfor %}
    end
    {%- else -%}
    cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
