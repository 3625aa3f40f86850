{#- The parts of a row's key, as text: whether it is set aside, then the contract's key;
    a date as the date where it can be read. -#}
{% macro key_texts(table, delivered, is_read) %}
    {% set parts = [] %}
    {% if is_read %}
        {% do parts.append('delivered.set_aside_reason') %}
    {% elif set_aside_reason('delivered', delivered) | trim != set_aside_reason('delivered', {}) | trim %}
        {% do parts.append(set_aside_reason('delivered', delivered) | trim) %}
    {% endif %}
    {% for column in raw_contract(table).columns if column.name in raw_contract(table).key %}
        {% set value = 'delivered.' ~ column.name if is_read else
            cell_value(raw_cell('delivered.' ~ column.name, column, delivered) | trim, column, delivered)
            | trim %}
        {% if column.type == 'text' %}
            {% do parts.append(value) %}
        {% else %}
            {% do parts.append(
                'coalesce(cast(' ~ value ~ ' as ' ~ dbt.type_string() ~ '), '
                ~ cell_text(column, delivered, is_read) | trim ~ ')'
            ) %}
        {% endif %}
    {% endfor %}
    {% do return(parts) %}
{% endmacro %}
