{#- A select of the latest row of each record of a table to which dlt appends what changed:
    disposition merge without a key is append. -#}
{% macro dlt_rows(tool, table, version, key='id') -%}
    select * from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by {{ version }} desc nulls last, _dlt_load_id desc nulls last
            ) as recency
        from {{ source(tool ~ '_dlt', table) }}
    ) as versions
    where recency = 1
{%- endmacro %}
