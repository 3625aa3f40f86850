-- Grain: one row per raw table (source_table), absent ones too.
with counted as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as source_table,
        count(*) as rows_in,
        count(*) filter (where rejection_reason is null) as accepted,
        count(*) filter (where rejection_reason is not null) as rejected,
        max(case when rejection_reason is null then first_date_at end) as latest_row_at
    from {{ ref('base_' ~ table) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

published as (
    select
        source_table,
        rows_in,
        cast(accepted as bigint) as accepted,
        cast(rejected as bigint) as rejected,
        {{ ratio('rejected', 'rows_in') }} as rejection_rate,
        latest_row_at
    from counted
)

select * from published
