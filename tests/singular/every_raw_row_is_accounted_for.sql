-- A row returned is a raw table whose rows are not all either in staging or in
-- rejected_rows: one was lost, or counts twice. event_days_are_complete checks that
-- every event was validated.
{% set days = {'logins': 'stg_login_days', 'feature_events': 'stg_feature_days'} %}
{% set counts = {'logins': 'logins', 'feature_events': 'events'} %}
with delivered as (
    {%- for table in raw_tables() if is_event_table(table) %}
    select
        '{{ table }}' as source_table,
        (select sum(row_count) from {{ ref('base_' ~ table) }}) as raw_rows,
        (select sum({{ counts[table] }}) from {{ ref(days[table]) }}) as staged_rows
    union all
    {%- endfor %}
    {%- for table in raw_tables() if not is_event_table(table) %}
    select
        '{{ table }}' as source_table,
        (select count(*) from {{ raw_table(table) }}) as raw_rows,
        (select count(*) from {{ ref('stg_' ~ table) }}) as staged_rows
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- all but the filtered rows, which are listed in part
listed as (
    select
        source_table,
        count(*) as listed_rows
    from {{ ref('rejected_rows') }}
    where reason <> 'filtered'
    group by source_table
),

compared as (
    select
        delivered.source_table,
        coalesce(delivered.raw_rows, 0) as raw_rows,
        coalesce(delivered.staged_rows, 0) as staged_rows,
        coalesce(listed.listed_rows, 0) as listed_rows,
        data_quality_summary.rows_in,
        data_quality_summary.accepted,
        data_quality_summary.rejected,
        data_quality_summary.filtered,
        data_quality_summary.deleted_at_source
    from delivered
    left join listed on delivered.source_table = listed.source_table
    left join {{ ref('data_quality_summary') }} as data_quality_summary
        on delivered.source_table = data_quality_summary.source_table
)

select * from compared
where
    raw_rows is distinct from staged_rows + listed_rows + filtered
    or rows_in is distinct from raw_rows
    or accepted is distinct from staged_rows
    or rejected + deleted_at_source is distinct from listed_rows
