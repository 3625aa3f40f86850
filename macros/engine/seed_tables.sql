{#- dbt guesses the types of a seed's columns: 002 would become 2. Raw seeds stay text. A
    seed's table is made anew each time, so that a changed header is never a problem. -#}
{% macro duckdb__create_csv_table(model, agate_table) %}
    {% if model.schema != 'raw' %}
        {% do return(default__create_csv_table(model, agate_table)) %}
    {% endif %}
    {% set sql %}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names -%}
            {{ adapter.quote(name) }} varchar{{ ", " if not loop.last }}
            {%- endfor -%}
        )
    {% endset %}
    {% call statement('_') %}{{ sql }}{% endcall %}
    {% do return(sql) %}
{% endmacro %}


{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {% do adapter.drop_relation(old_relation) %}
    {% do return(create_csv_table(model, agate_table)) %}
{% endmacro %}
