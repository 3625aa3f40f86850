{#- The value of a cell in the contract's type; null where it cannot be read. What the
    contract says of the column applies: placeholders are null, an inclusive end is moved
    to the next day (rule 73), `null_as` replaces an empty cell. -#}
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
