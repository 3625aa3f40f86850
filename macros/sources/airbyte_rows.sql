{#- A select of the latest row of each record of a stream that Airbyte landed: with sync
    mode append, a stream has a row for each sync or change. -#}
{% macro airbyte_rows(tool, stream, key='id') -%}
    select * from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by _airbyte_extracted_at desc nulls last
            ) as recency
        from {{ source(tool ~ '_airbyte', stream) }}
    ) as versions
    where recency = 1
{%- endmacro %}
