{#-
    The first rule that a row breaks on its own, as a case expression over its cells and
    `key_rank`; null where it breaks none. The order is the contract's: set aside (rule
    70), missing_key, duplicate_key, missing_<column>, unparseable_<column>,
    invalid_<column>.
-#}
{% macro own_reason(table, delivered) -%}
    {%- set contract = raw_contract(table) -%}
    case
        when set_aside_reason is not null then set_aside_reason
        {%- for column in contract.columns if column.name in contract.key and column.required %}
        when raw_{{ column.name }} is null then 'missing_key'
        {%- endfor %}
        when key_rank > 1 then 'duplicate_key'
        {%- for column in contract.columns %}
        {%- if column.required and column.name not in contract.key %}
        when raw_{{ column.name }} is null then 'missing_{{ column.name }}'
        {%- endif %}
        {%- if column.missing_when %}
        when {{ column.missing_when }} then 'missing_{{ column.name }}'
        {%- endif %}
        {%- endfor %}
        {%- for column in contract.columns if column.type != 'text' and column.name in delivered %}
        when {{ is_unparseable(column, delivered[column.name]) }}
            then 'unparseable_{{ column.name }}'
        {%- endfor %}
        {%- for column in contract.columns %}
        {%- for condition in invalid_conditions(column, delivered.get(column.name, 'text')) %}
        when {{ condition }} then 'invalid_{{ column.name }}'
        {%- endfor %}
        {%- endfor %}
    end
{%- endmacro %}


{#- A value is present, but cannot be read. -#}
{% macro is_unparseable(column, kind) -%}
    {%- if kind == 'text' and column.type in ('money', 'rate', 'number', 'integer') -%}
    raw_{{ column.name }} is not null and not {{ is_number('raw_' ~ column.name) }}
    {%- else -%}
    raw_{{ column.name }} is not null and {{ column.name }} is null
    {%- endif -%}
{%- endmacro %}


{#- The conditions under which a value that could be read is not allowed. -#}
{% macro invalid_conditions(column, kind) %}
    {% set value = column.name %}
    {% set raw = 'raw_' ~ column.name %}
    {% set conditions = [] %}
    {% if column.type == 'date' %}
        {% do conditions.append(
            value ~ " not between date '1990-01-01' and date '2100-01-01'"
        ) %}
    {% elif column.type == 'timestamp' %}
        {% do conditions.append(
            "cast(" ~ value ~ " as date) not between date '1990-01-01' and date '2100-01-01'"
        ) %}
    {% elif column.type in ('money', 'rate') %}
        {% do conditions.append(
            raw ~ " is not null and not "
            ~ has_digits(raw, kind, 14, 4 if column.type == 'money' else 8)
        ) %}
    {% elif column.type in ('number', 'integer') %}
        {% do conditions.append(raw ~ " is not null and " ~ value ~ " is null") %}
    {% endif %}
    {% if column.accepted %}
        {% do conditions.append(value ~ " not in ('" ~ column.accepted | join("', '") ~ "')") %}
    {% endif %}
    {% if column.invalid_when %}
        {% do conditions.append(column.invalid_when | trim) %}
    {% endif %}
    {% do return(conditions) %}
{% endmacro %}
