{#-
    Rows of a raw table with `key_rank`: of rows with one key the latest stays (1), then
    the one whose texts sort first, so that the order of rows never matters (rule 3).
    Rows that are set aside do not own a key: they are ranked among themselves. Only
    keys that occur more than once are sorted; a hash finds them.

        rows      the rows: a CTE, or a relation of raw rows
        is_read   whether they went through read_cells; raw rows are read where it is needed
        order_by  the first sort criterion; by default the latest updated_at
-#}
{% macro rank_by_key(
    table, delivered, rows='cells', is_read=true, order_by='updated_at desc nulls last'
) -%}
    {%- set key = key_texts(table, delivered, is_read) -%}
    with repeated_keys as (
        select {{ row_hash(key) }} as key_hash
        from {{ rows }} as delivered
        group by {{ row_hash(key) }}
        having count(*) > 1
    )

    select
        delivered.*,
        1 as key_rank
    from {{ rows }} as delivered
    left join repeated_keys on {{ row_hash(key) }} = repeated_keys.key_hash
    where repeated_keys.key_hash is null
    union all
    select
        delivered.*,
        {{ number_within_key(table, delivered, key, is_read, order_by) }} as key_rank
    from {{ rows }} as delivered
    inner join repeated_keys on {{ row_hash(key) }} = repeated_keys.key_hash
{%- endmacro %}
