-- A row returned is a raw table whose rows are not all either in staging or in
-- rejected_rows: one was lost, or stands twice.
with delivered as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as source_table,
        {% if table in var('absent_tables') -%}
        0 as raw_rows,
        {%- else -%}
        (select count(*) from {{ raw_table(table) }}) as raw_rows,
        {%- endif %}
        (select count(*) from {{ ref('stg_' ~ table) }}) as staged_rows
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

rejected as (
    select
        source_table,
        count(*) as rejected_rows
    from {{ ref('rejected_rows') }}
    group by source_table
),

compared as (
    select
        delivered.source_table,
        delivered.raw_rows,
        delivered.staged_rows,
        coalesce(rejected.rejected_rows, 0) as rejected_rows,
        data_quality_summary.rows_in,
        data_quality_summary.accepted,
        data_quality_summary.rejected
    from delivered
    left join rejected on delivered.source_table = rejected.source_table
    left join {{ ref('data_quality_summary') }} as data_quality_summary
        on delivered.source_table = data_quality_summary.source_table
)

select * from compared
where
    raw_rows <> staged_rows + rejected_rows
    or rows_in is distinct from raw_rows
    or accepted is distinct from staged_rows
    or rejected is distinct from rejected_rows
