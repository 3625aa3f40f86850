{#- A select of the latest row of each record of a stream that Airbyte landed: with sync
    mode append, a stream has a row for each sync or change. -#}
{% macro airbyte_rows(tool, stream, key='id') -%}
    {{ latest_rows(
        source(tool ~ '_airbyte', stream), key, '_airbyte_extracted_at desc nulls last'
    ) }}
{%- endmacro %}
