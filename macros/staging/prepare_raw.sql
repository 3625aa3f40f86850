{#-
    At the start of every run: are the raw tables there, have they the contract's columns,
    are their headers plain names? Stops the run with all that is wrong, before anything is
    built. With RAW_LOCATION or RAW_DATABASE it fills schema `raw` with views over the
    user's tables, every column as text; files are scanned where they are, not loaded.
-#}
{% macro prepare_raw() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'compile', 'generate', 'run-operation') %}
        {% do run_query('create schema if not exists raw') %}
        {% set problems = [] %}
        {% for table in raw_tables() %}
            {% if uses_demo_data() %}
                {% do check_demo_seed(table, problems) %}
            {% else %}
                {% do make_raw_view(table, problems) %}
            {% endif %}
        {% endfor %}
        {% if problems %}
            {% do exceptions.raise_compiler_error(
                "the raw data cannot be used; nothing was built:\n  - "
                ~ problems | join("\n  - ")
                ~ "\nThe columns that are expected: models/staging/sources.yml."
                ~ " `make check-inputs` tells more."
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#- dbt pastes a seed's header into SQL: a header that is more than names is refused. -#}
{% macro check_demo_seed(table, problems) %}
    {% do drop_left_over(table, 'view') %}
    {% for seed in graph.nodes.values()
        if seed.resource_type == 'seed' and seed.name == 'raw_' ~ table %}
        {% set columns = csv_header(seed.root_path ~ '/' ~ seed.original_file_path) %}
        {% do check_columns(table, seed.original_file_path, columns, problems) %}
    {% endfor %}
{% endmacro %}


{#- A build of the other kind left a view where a seed goes, or the other way round. -#}
{% macro drop_left_over(table, kind) %}
    {% set kinds = {'view': 'VIEW', 'table': 'BASE TABLE'} %}
    {% set found = run_query(
        "select 1 from information_schema.tables where table_catalog = current_database()"
        ~ " and table_schema = 'raw' and table_name = 'raw_" ~ table ~ "'"
        ~ " and table_type = '" ~ kinds[kind] ~ "'"
    ) %}
    {% if found.rows %}
        {% do run_query('drop ' ~ kind ~ ' raw.raw_' ~ table) %}
        {% do adapter.cache_dropped(api.Relation.create(
            database=target.database, schema='raw', identifier='raw_' ~ table, type=kind
        )) %}
    {% endif %}
{% endmacro %}


{% macro make_raw_view(table, problems) %}
    {% set contract = raw_contract(table) %}
    {% set found = find_raw_table(table, problems) %}
    {% do drop_left_over(table, 'table') %}
    {% if found is none %}
        {% if contract.required %}
            {% do problems.append(where_raw_table_is_not(table)) %}
        {% endif %}
        {% do run_query(
            'create or replace view raw.raw_' ~ table ~ ' as ' ~ empty_raw_table(table)
        ) %}
    {% else %}
        {% do check_columns(table, found.name, found.columns, problems) %}
        {% if not problems %}
            {% set renamed = var('raw_columns').get(table, {}) %}
            {% set select_list = [] %}
            {% for name in contract.columns | map(attribute='name') | list + ['updated_at'] %}
                {% set theirs = renamed.get(name, name) | lower %}
                {% if theirs in found.columns %}
                    {% do select_list.append(
                        raw_as_delivered(adapter.quote(theirs), found.columns[theirs]) | trim ~ ' as ' ~ name
                    ) %}
                {% endif %}
            {% endfor %}
            {% do run_query(
                'create or replace view raw.raw_' ~ table ~ ' as select '
                ~ select_list | join(', ') ~ ' from ' ~ found.relation
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#- All names plain, the required ones there. `columns`: {lower-case name: type}. -#}
{% macro check_columns(table, where, columns, problems) %}
    {% set plain = modules.re.compile('^[a-z_][a-z0-9_]*\\Z') %}
    {% for name in columns if not plain.match(name) %}
        {% do problems.append(
            where ~ ": the header has `" ~ name ~ "`, which is not a plain name"
            ~ " (letters, digits, _). Rename the column."
        ) %}
    {% endfor %}
    {% set renamed = var('raw_columns').get(table, {}) %}
    {% for column in raw_contract(table).columns if column.required %}
        {% set theirs = renamed.get(column.name, column.name) | lower %}
        {% if theirs not in columns %}
            {% do problems.append(
                where ~ ": no column `" ~ theirs ~ "` (" ~ column.type ~ ", required); it has "
                ~ columns | join(', ') ~ ". Rename one, or map it in var raw_columns: {"
                ~ table ~ ": {" ~ column.name ~ ": <your name>}}."
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
