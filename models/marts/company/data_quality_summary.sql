-- Grain: one row per raw table (source_table), absent ones too.
{% set freshness = var('freshness') %}
with counted as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as source_table,
        coalesce(sum({{ row_count(table) }}), 0) as rows_in,
        coalesce(
            sum(case when rejection_reason is null then {{ row_count(table) }} end), 0
        ) as accepted,
        coalesce(
            sum(case when rejection_reason is not null then {{ row_count(table) }} end), 0
        ) as rejected,
        max(
            case
                when rejection_reason is null
                    then {{ 'last_at' if is_event_table(table) else 'first_date_at' }}
            end
        ) as latest_row_at,
        {% set limits = freshness.get(table, {}) -%}
        cast({{ limits.get('warn_days', 'null') }} as integer) as warn_days,
        cast({{ limits.get('fail_days', 'null') }} as integer) as fail_days
    from {{ ref('base_' ~ table) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

aged as (
    select
        *,
        cast(
            {{ days_between('cast(latest_row_at as date)', as_of_date()) }} as bigint
        ) as days_since_latest_row
    from counted
),

final as (
    select
        source_table,
        cast(rows_in as bigint) as rows_in,
        cast(accepted as bigint) as accepted,
        cast(rejected as bigint) as rejected,
        {{ ratio('rejected', 'rows_in') }} as rejection_rate,
        latest_row_at,
        days_since_latest_row,
        case
            when days_since_latest_row is null then null
            when days_since_latest_row > fail_days then 'stale'
            when days_since_latest_row > warn_days then 'late'
            else 'fresh'
        end as freshness
    from aged
)

select * from final
