{#- Number of a row among the versions of its record, 1 for the latest: connectors without
    a mark for it keep versions by the time of the change. -#}
{% macro latest_version(key, version) -%}
    row_number() over (
        partition by {{ key }}
        order by
            case
                when _fivetran_active then 0
                when _fivetran_active is null then 1
                else 2
            end,
            {{ version }} desc nulls last,
            _fivetran_start desc nulls last
    )
{%- endmacro %}
