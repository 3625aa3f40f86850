-- Grain: one row per raw table and reason (source_table, reason), where rows were
-- rejected or set aside.
with rejected as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as source_table,
        rejection_reason as reason,
        {{ row_count(table) }} as row_count
    from {{ ref('base_' ~ table) }}
    where rejection_reason is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        source_table,
        reason,
        cast(sum(row_count) as bigint) as rejected_rows
    from rejected
    group by source_table, reason
)

select * from counted
