{#- A raw table, as the reader made it in schema raw (pipeline/raw). -#}
{% macro raw_table(table) %}
    {% if uses_demo_data() %}
        {% do return(ref('raw_' ~ table)) %}
    {% else %}
        {% do return(source('raw', 'raw_' ~ table)) %}
    {% endif %}
{% endmacro %}


{#- TODO(reader): absent tables are empty relations then -#}
{% macro raw_rows(table) -%}
    {%- if table in var('absent_tables') -%} (select * from {{ raw_table(table) }} where false)
    {%- else -%} {{ raw_table(table) }}
    {%- endif -%}
{%- endmacro %}


{% macro uses_demo_data() %}
    {% do return(not raw_location() and not raw_database()) %}
{% endmacro %}


{% macro raw_location() %}
    {% do return((var('raw_location') or env_var('RAW_LOCATION', '')).rstrip('/')) %}
{% endmacro %}


{#- Whether RAW_DATABASE is set. Not by env_var: what macros read with it is written to
    target/, and there may be a password in it. -#}
{% macro raw_database() %}
    {% do return((target.plugins or []) | map(attribute='config.raw_database') | join != '') %}
{% endmacro %}


{#- Select list of a table without rows: the contract's columns, as text. -#}
{% macro empty_raw_table(table) -%}
    select
        {%- for column in raw_contract(table).columns %}
        cast(null as {{ dbt.type_string() }}) as {{ column.name }}{{ "," if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
