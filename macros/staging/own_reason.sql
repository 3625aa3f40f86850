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
