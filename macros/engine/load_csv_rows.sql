{#-
    Loads a seed as dbt-duckdb does, from its file; its own macro breaks where the path of
    the project has an apostrophe.
-#}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set path = adapter.get_seed_file_path(model) | replace("'", "''") -%}
    {%- set sql -%}
    copy {{ this.render() }} from '{{ path }}' (format csv, header true)
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
