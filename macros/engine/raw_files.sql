{#- Reading the user's files and databases: DuckDB's own ways. On other engines the raw
    tables are ordinary tables in schema raw. -#}

{#- {lower-case name: 'VARCHAR'} of a CSV file's first line, read as plain text so that no
    header can be more than names. -#}
{% macro csv_header(path) %}
    {% set first_line = run_query(
        "select line from read_csv(" ~ sql_text(path) ~ ", columns = {'line': 'varchar'},"
        ~ " delim = e'\\x1f', quote = '', escape = '', header = false, auto_detect = false,"
        ~ " max_line_size = 16000000) limit 1"
    ) %}
    {% set columns = {} %}
    {% if first_line.rows %}
        {% for name in (first_line.rows[0][0] or '').replace('\ufeff', '').split(',') %}
            {% do columns.update({name.strip().strip('"').lower(): 'VARCHAR'}) %}
        {% endfor %}
    {% endif %}
    {% do return(columns) %}
{% endmacro %}


{#- Where a table of the user's is: its name for messages, {column: type}, and a
    from-clause item; none where there is none. -#}
{% macro find_raw_table(table, problems) %}
    {% if env_var('RAW_DATABASE', '') %}
        {% do return(find_in_raw_database(table)) %}
    {% endif %}
    {% set stem = raw_location() ~ '/' ~ table %}
    {% set found = [] %}
    {% for pattern in (stem ~ '.parquet', stem ~ '/**/*.parquet', stem ~ '.csv') %}
        {% if run_query("select 1 from glob(" ~ sql_text(pattern) ~ ") limit 1").rows %}
            {% do found.append(pattern) %}
        {% endif %}
    {% endfor %}
    {% if found | length > 1 %}
        {% do problems.append(
            table ~ ": both " ~ found | join(' and ') ~ " are there. Keep one."
        ) %}
    {% endif %}
    {% if not found %}
        {% do return(none) %}
    {% endif %}
    {% set pattern = found[0] %}
    {% if pattern.endswith('.csv') %}
        {% set columns = csv_header(pattern) %}
        {% set types = [] %}
        {% for name in columns %}
            {% do types.append(sql_text(name) ~ ": 'varchar'") %}
        {% endfor %}
        {% set relation = "read_csv(" ~ sql_text(pattern) ~ ", columns = {"
            ~ types | join(', ') ~ "}, delim = ',', quote = '\"', escape = '\"',"
            ~ " header = true, auto_detect = false, max_line_size = 16000000)" %}
    {% else %}
        {% set relation = "read_parquet(" ~ sql_text(pattern) ~ ", union_by_name = true)" %}
        {% set columns = described_columns(relation) %}
    {% endif %}
    {% do return({'name': pattern, 'columns': columns, 'relation': relation}) %}
{% endmacro %}


{% macro described_columns(relation) %}
    {% set columns = {} %}
    {% for row in run_query("describe select * from " ~ relation).rows %}
        {% do columns.update({row[0] | lower: row[1]}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}


{% macro attach_raw_database() %}
    {% do run_query("attach if not exists " ~ sql_text(env_var('RAW_DATABASE')) ~ " as user_raw (read_only)") %}
{% endmacro %}


{% macro find_in_raw_database(table) %}
    {% set tables = run_query(
        "select 1 from information_schema.tables where table_catalog = 'user_raw'"
        ~ " and table_schema = " ~ sql_text(var('raw_schema'))
        ~ " and table_name = " ~ sql_text(table)
    ) %}
    {% if not tables.rows %}
        {% do return(none) %}
    {% endif %}
    {% set relation = 'user_raw.' ~ adapter.quote(var('raw_schema')) ~ '.' ~ adapter.quote(table) %}
    {% do return({
        'name': 'RAW_DATABASE, ' ~ var('raw_schema') ~ '.' ~ table,
        'columns': described_columns(relation),
        'relation': relation,
    }) %}
{% endmacro %}


{#- A typed column as the text that a CSV file would hold. -#}
{% macro as_plain_text(column, type) -%}
    {%- if type in ('DOUBLE', 'FLOAT') -%}
    case
        when contains(cast({{ column }} as varchar), 'e')
            then cast(try_cast({{ column }} as decimal(38, 10)) as varchar)
        else cast({{ column }} as varchar)
    end
    {%- elif type == 'TIMESTAMP WITH TIME ZONE' -%}
    cast(timezone('UTC', {{ column }}) as varchar)
    {%- else -%}
    cast({{ column }} as varchar)
    {%- endif -%}
{%- endmacro %}


{% macro sql_text(text) -%}
    '{{ text | string | replace("'", "''") }}'
{%- endmacro %}
