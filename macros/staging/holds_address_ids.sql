{#- Whether a delivered column identifies something and may do so by an address. -#}
{% macro holds_address_ids(column, delivered) %}
    {% do return(
        column.name.endswith('_id') and delivered.get(column.name) in ('text', 'other')
    ) %}
{% endmacro %}
