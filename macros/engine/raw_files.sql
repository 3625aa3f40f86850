{#- Reading the user's files and databases: DuckDB's own ways. On other engines the raw
    tables are ordinary tables in schema raw. -#}

{#- {lower-case name: 'VARCHAR'} of a CSV file's first line, read as plain text so that no
    header can be more than names. Not strict: cells with line breaks of another kind than
    the file's are none of its business. -#}
{% macro csv_header(path) %}
    {% set first_line = run_query(
        "select line from read_csv(" ~ sql_text(path) ~ ", columns = {'line': 'varchar'},"
        ~ " delim = e'\\x1f', quote = '', escape = '', header = false, auto_detect = false,"
        ~ " strict_mode = false, max_line_size = 16000000) limit 1"
    ) %}
    {% set columns = {} %}
    {% if first_line.rows %}
        {% for piece in (first_line.rows[0][0] or '').replace('\ufeff', '').split(',') %}
            {#- A quote on one side only: the name has a comma in it, and is refused. -#}
            {% set quoted = piece.strip().startswith('"') and piece.strip().endswith('"') %}
            {% set name = (piece.strip()[1:-1] if quoted else piece.strip()) | lower %}
            {#- Twice the same name: kept apart, and refused as no plain name. -#}
            {% do columns.update({name ~ (' (again)' if name in columns else ''): 'VARCHAR'}) %}
        {% endfor %}
    {% endif %}
    {% do return(columns) %}
{% endmacro %}


{#- Where a table of the user's is: its name for messages, {column: type}, and a
    from-clause item; none where there is none. -#}
{% macro find_raw_table(table, problems) %}
    {% if raw_database() %}
        {% do return(find_in_raw_database(table)) %}
    {% endif %}
    {% set stem = raw_location() ~ '/' ~ table %}
    {% set found = [] %}
    {% for ending in ('.parquet', '/**/*.parquet', '.csv') %}
        {#- In a bucket only a pattern is looked up; [t] is one that matches t. -#}
        {% set pattern = glob_text(stem) ~ ending[:-1] ~ '[' ~ ending[-1] ~ ']' %}
        {% if run_query("select 1 from glob(" ~ sql_text(pattern) ~ ") limit 1").rows %}
            {% do found.append(ending) %}
        {% endif %}
    {% endfor %}
    {% if found | length > 1 %}
        {% do problems.append(
            table ~ ": both " ~ stem ~ found | join(' and ' ~ stem) ~ " are there. Keep one."
        ) %}
    {% endif %}
    {% if not found %}
        {% do return(none) %}
    {% endif %}
    {% set pattern = sql_text(glob_text(stem) ~ found[0]) %}
    {% if found[0] == '.csv' %}
        {% set columns = csv_header(glob_text(stem) ~ found[0]) %}
        {% set types = [] %}
        {% for name in columns %}
            {% do types.append(sql_text(name) ~ ": 'varchar'") %}
        {% endfor %}
        {% set relation = "read_csv(" ~ pattern ~ ", columns = {"
            ~ types | join(', ') ~ "}, delim = ',', quote = '\"', escape = '\"',"
            ~ " header = true, auto_detect = false, max_line_size = 16000000)" %}
    {% else %}
        {% set relation = "read_parquet(" ~ pattern ~ ", union_by_name = true,"
            ~ " hive_types_autocast = false)" %}
        {% set columns = described_columns(relation) %}
    {% endif %}
    {% do return({'name': stem ~ found[0], 'columns': columns, 'relation': relation}) %}
{% endmacro %}


{#- A path in which no character is a wildcard. -#}
{% macro glob_text(path) %}
    {% do return(path | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]')) %}
{% endmacro %}


{% macro described_columns(relation) %}
    {% set columns = {} %}
    {% for row in run_query("describe select * from " ~ relation).rows %}
        {% do columns.update({row[0] | lower: row[1]}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}


{#- The user's database as attached by pipeline/duckdb_plugin.py: its path or address,
    which has no password, and what it is. -#}
{% macro raw_database_place(column='path') %}
    {% if not execute or not raw_database() %}
        {% do return('') %}
    {% endif %}
    {% do return(run_query(
        "select " ~ column ~ " from duckdb_databases() where database_name = 'user_raw'"
    ).rows[0][0]) %}
{% endmacro %}


{#- The schema that raw tables are read from; SQLite has only one. -#}
{% macro raw_database_schema() %}
    {% do return('main' if raw_database_place('type') == 'sqlite' else var('raw_schema')) %}
{% endmacro %}


{#- [schema, name] of the tables and views of that name, in any schema and case. -#}
{% macro tables_of_raw_database(table) %}
    {% do return(run_query(
        "select table_schema, table_name from information_schema.tables"
        ~ " where table_catalog = 'user_raw' and lower(table_name) = " ~ sql_text(table)
        ~ " order by 1, 2"
    ).rows) %}
{% endmacro %}


{% macro find_in_raw_database(table) %}
    {% set schema = raw_database_schema() %}
    {% for found in tables_of_raw_database(table) if found[0] | lower == schema | lower %}
        {% set name = adapter.quote(found[0]) ~ '.' ~ adapter.quote(found[1]) %}
        {% set relation = 'user_raw.' ~ name %}
        {% set type = raw_database_place('type') %}
        {% if type == 'sqlite' %}
            {% set columns = sqlite_columns(found[1]) %}
        {% else %}
            {% set columns = described_columns(relation) %}
        {% endif %}
        {% if type == 'postgres' and 'DOUBLE' in columns.values() %}
            {% set relation = exact_postgres_relation(name) or relation %}
            {% set columns = described_columns(relation) %}
        {% endif %}
        {% do return({
            'name': 'RAW_DATABASE, ' ~ found[0] ~ '.' ~ found[1],
            'columns': columns,
            'relation': relation,
        }) %}
    {% endfor %}
    {% do return(none) %}
{% endmacro %}


{#- SQLite keeps any value in any column, so pipeline/raw_access.py has all of them read
    as text. Where a column's declared type makes numbers of what looks like one, the
    text of a number may have an exponent: type SQLITE_NUMBER. -#}
{% macro sqlite_columns(table) %}
    {% set columns = {} %}
    {% for row in run_query(
        "select name, upper(type) from sqlite_query('user_raw', "
        ~ sql_text("select name, type from pragma_table_info(" ~ sql_text(table) ~ ")") ~ ")"
    ).rows %}
        {% set is_text = row[1] in ('', none) or modules.re.search('CHAR|CLOB|TEXT|BLOB', row[1]) %}
        {% set is_number = not is_text or 'INT' in row[1] %}
        {% do columns.update({row[0] | lower: 'SQLITE_NUMBER' if is_number else 'VARCHAR'}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}


{#- DuckDB reads a PostgreSQL `numeric` without precision as a double, which has 15 digits:
    here PostgreSQL itself makes such columns text. None where there are none. -#}
{% macro exact_postgres_relation(name) %}
    {% set select_list = [] %}
    {% set found = {'numeric': false} %}
    {% for row in run_query(
        "select attname, type from postgres_query('user_raw', "
        ~ sql_text(
            "select attname::text, format_type(atttypid, null) as type from pg_attribute"
            ~ " where attrelid = " ~ sql_text(name) ~ "::regclass and attnum > 0"
            ~ " and not attisdropped order by attnum"
        ) ~ ")"
    ).rows %}
        {% set column = adapter.quote(row[0]) %}
        {% if row[1] == 'numeric' %}
            {% do found.update({'numeric': true}) %}
            {% do select_list.append(column ~ '::text as ' ~ column) %}
        {% else %}
            {% do select_list.append(column) %}
        {% endif %}
    {% endfor %}
    {% if found.numeric %}
        {% do return(
            "postgres_query('user_raw', "
            ~ sql_text('select ' ~ select_list | join(', ') ~ ' from ' ~ name) ~ ")"
        ) %}
    {% endif %}
    {% do return(none) %}
{% endmacro %}


{#- What to say of a required table that was not found. -#}
{% macro where_raw_table_is_not(table) %}
    {% if not raw_database() %}
        {% do return(
            table ~ ": not found in " ~ raw_location() ~ ". Expected " ~ table ~ ".parquet, "
            ~ table ~ "/**/*.parquet or " ~ table ~ ".csv."
        ) %}
    {% endif %}
    {% set schemas = tables_of_raw_database(table) | map('first') | unique | list %}
    {% do return(
        table ~ ": no such table or view in schema " ~ raw_database_schema() ~ " of RAW_DATABASE"
        ~ (", but there is one in " ~ schemas | join(' and ')
            ~ ". Set var raw_schema to the schema that is meant." if schemas else ".")
    ) %}
{% endmacro %}


{% macro raw_as_delivered(column, type) -%}
    {%- if type == 'SQLITE_NUMBER' -%} {{ without_exponent('cast(' ~ column ~ ' as varchar)') }}
    {%- elif type == 'BLOB' -%} decode({{ column }})
    {%- else -%} {{ column }}
    {%- endif -%}
{%- endmacro %}


{% macro sql_text(text) -%}
    '{{ text | string | replace("'", "''") }}'
{%- endmacro %}
