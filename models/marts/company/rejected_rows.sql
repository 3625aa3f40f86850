-- Grain: one row per raw row that was rejected or set aside (source_table, row_key,
-- reason, occurrence).
with rejected as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as source_table,
        row_key,
        rejection_reason as reason,
        raw_row,
        {{ row_count(table) }} as row_count
    from {{ ref('base_' ~ table) }}
    where rejection_reason is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- identical rejected events are counted in one row
copies as (
    select rejected.*
    from rejected
    inner join {{ number_series(
        '1', '(select max(row_count) from rejected)'
    ) }} as series
        on series.number <= rejected.row_count
),

-- all filtered rows are counted, only some are listed (rule 70)
ranked as (
    select
        *,
        row_number() over (partition by source_table, reason order by row_key)
            as listed_rank
    from copies
),

final as (
    select
        source_table,
        row_key,
        reason,
        cast(
            row_number() over (
                partition by source_table, row_key, reason
                order by raw_row
            ) as bigint
        ) as occurrence,
        raw_row,
        {{ as_of_date() }} as detected_on
    from ranked
    where reason <> 'filtered' or listed_rank <= 1000
)

select * from final
