{#-
    Select list of a validated row: the contract's columns, row_key, raw_row (of
    rejected rows that are not set aside), updated_at, first_date_at, key_rank (1: the
    row that owns its key) and rejection_reason (null: accepted). `reason` is the
    expression of the reason.
-#}
{% macro validated_columns(table, delivered, reason='rejection_reason') -%}
    {%- set contract = raw_contract(table) -%}
    {%- for column in contract.columns %}
    {{ column.name }},
    {%- endfor %}
    {{ row_key(table, delivered) }} as row_key,
    case
        when {{ reason }} not in ('filtered', 'deleted_at_source')
            then {{ raw_row_json(table, delivered) }}
    end as raw_row,
    updated_at,
    {%- if contract.first_date %}
    cast({{ contract.first_date }} as {{ dbt.type_timestamp() }}) as first_date_at,
    {%- else %}
    cast(null as {{ dbt.type_timestamp() }}) as first_date_at,
    {%- endif %}
    key_rank,
    {{ reason }} as rejection_reason
{%- endmacro %}
