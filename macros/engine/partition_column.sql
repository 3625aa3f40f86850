{#- Another column of a select: what the event days are partitioned by, where an engine
    replaces partitions instead of rows (dbt_project.yml: partition_by). -#}
{% macro partition_column() -%}
    {{ return(adapter.dispatch('partition_column')()) }}
{%- endmacro %}

{% macro duckdb__partition_column() -%}
{%- endmacro %}

{% macro spark__partition_column() -%}
    , {{ month_of('date_day') }} as date_month
{%- endmacro %}
