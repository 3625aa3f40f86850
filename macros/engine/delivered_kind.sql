{#- How a column's cells are read, by its type in the database: text, date, timestamp,
    timestamp_tz, boolean, integer, decimal, double, float or other. -#}
{% macro delivered_kind(data_type) -%}
    {{ return(adapter.dispatch('delivered_kind')(data_type | upper)) }}
{%- endmacro %}

{% macro duckdb__delivered_kind(data_type) %}
    {% if data_type.startswith(('VARCHAR', 'CHARACTER', 'TEXT', 'STRING')) %}
        {% do return('text') %}
    {% elif data_type == 'DATE' %}
        {% do return('date') %}
    {% elif data_type in ('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') %}
        {% do return('timestamp_tz') %}
    {% elif data_type.startswith('TIMESTAMP') %}
        {% do return('timestamp') %}
    {% elif data_type == 'BOOLEAN' %}
        {% do return('boolean') %}
    {% elif data_type.startswith('DECIMAL') %}
        {% do return('decimal') %}
    {% elif data_type == 'DOUBLE' %}
        {% do return('double') %}
    {% elif data_type in ('FLOAT', 'REAL') %}
        {% do return('float') %}
    {% elif 'INT' in data_type %}
        {% do return('integer') %}
    {% else %}
        {% do return('other') %}
    {% endif %}
{% endmacro %}

{#- Sessions are in UTC, so both kinds of timestamp read alike. -#}
{% macro spark__delivered_kind(data_type) %}
    {% set kinds = {
        'DATE': 'date',
        'TIMESTAMP': 'timestamp',
        'TIMESTAMP_NTZ': 'timestamp',
        'BOOLEAN': 'boolean',
        'DOUBLE': 'double',
        'FLOAT': 'float',
        'TINYINT': 'integer',
        'SMALLINT': 'integer',
        'INT': 'integer',
        'BIGINT': 'integer',
    } %}
    {% if data_type.startswith(('STRING', 'VARCHAR', 'CHAR')) %}
        {% do return('text') %}
    {% elif data_type.startswith('DECIMAL') %}
        {% do return('decimal') %}
    {% endif %}
    {% do return(kinds.get(data_type, 'other')) %}
{% endmacro %}
