{#- Descriptions of the marts that this run has built, as comments of tables and columns.

    All in one transaction, at the end of a run: dbt's persist_docs would take one for each
    (docs/decisions/0013-ways-out.md). On Spark nothing is written: dbt-spark does not
    comment on columns of Parquet tables. #}
{% macro comment_on_marts(results) %}
    {{- return(adapter.dispatch('comment_on_marts')(results)) -}}
{% endmacro %}


{% macro duckdb__comment_on_marts(results) %}
    {%- set comments = [] -%}
    {%- for result in results
        if result.node.resource_type == 'model'
        and result.node.fqn[1] == 'marts'
        and result.status == 'success' -%}
        {%- set node = result.node -%}
        {%- set kind = 'view' if node.config.materialized == 'view' else 'table' -%}
        {%- set table = node.relation_name -%}
        {%- do comments.append((kind, table, node.description)) -%}
        {%- for column in node.columns.values() -%}
            {%- set name = table ~ '.' ~ adapter.quote(column.name) -%}
            {%- do comments.append(('column', name, column.description)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if execute and flags.WHICH in ('build', 'run') and comments -%}
        begin;
        {%- for kind, name, text in comments %}
        comment on {{ kind }} {{ name }} is '{{ text | replace("'", "''") }}';
        {%- endfor %}
        commit
    {%- endif -%}
{% endmacro %}


{% macro spark__comment_on_marts(results) %}{% endmacro %}
