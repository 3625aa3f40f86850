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
