{#- A select of one row per record of a relation that keeps a row for each sync or change:
    the first in the given order. -#}
{% macro latest_rows(relation, key, order_by) -%}
    select * from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by {{ order_by }}
            ) as recency
        from {{ relation }}
    ) as versions
    where recency = 1
{%- endmacro %}
