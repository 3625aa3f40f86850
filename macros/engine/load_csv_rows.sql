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

{#- dbt-spark's session binds without escaping, and turns null into 'None'. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(1000) -%}
    {%- set sql -%}
    insert into {{ this.render() }} values
    {%- for row in chunk %}
    (
        {%- for name in agate_table.column_names -%}
        {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
        {%- set value = row[loop.index0] -%}
        {%- if value is none -%} cast(null as {{ type }})
        {%- else -%} cast('{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}' as {{ type }})
        {%- endif -%}
        {{ ", " if not loop.last }}
        {%- endfor -%}
    ){{ "," if not loop.last }}
    {%- endfor -%}
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements | join(';\n')) }}
{%- endmacro %}
