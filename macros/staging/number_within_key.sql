{#- The number of a row among those of its key, in the order in which they own it. -#}
{% macro number_within_key(table, delivered, key, is_read, order_by) -%}
    cast(
            row_number() over (
                partition by {{ key | join(', ') }}
                order by {{ rank_order(table, delivered, is_read, order_by) }}
            ) as bigint
        )
{%- endmacro %}
