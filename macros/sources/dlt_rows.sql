{#- A select of the latest row of each record of a table to which dlt appends what changed:
    disposition merge without a key is append. -#}
{% macro dlt_rows(tool, table, version, key='id') -%}
    {{ latest_rows(
        source(tool ~ '_dlt', table),
        key,
        version ~ ' desc nulls last, _dlt_load_id desc nulls last'
    ) }}
{%- endmacro %}
