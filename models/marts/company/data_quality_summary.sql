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
        {%- for name, reason in [
            ('filtered', 'filtered'),
            ('deleted_at_source', 'deleted_at_source'),
                    ] %}
        coalesce(
            sum(
                case
                    when rejection_reason = '{{ reason }}' then {{ row_count(table) }}
                end
            ),
            0
        ) as {{ name }},
        {%- endfor %}
        max(
            case
                when rejection_reason is null
                    then {{ 'last_at' if is_event_table(table) else 'first_date_at' }}
            end
        ) as latest_row_at,
        {{ history_from(table) }} as history_from,
        {% set limits = freshness.get(table, {}) -%}
        cast({{ limits.get('warn_days', 'null') }} as integer) as warn_days,
        cast({{ limits.get('fail_days', 'null') }} as integer) as fail_days
    from {{ ref('base_' ~ table) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

inferred as (
    select
        'accounts' as source_table,
        count(*) as inferred_ids
    from {{ ref('int_accounts') }}
    where is_inferred
    union all
    select
        'users' as source_table,
        count(*) as inferred_ids
    from {{ ref('int_users') }}
    where is_inferred
),

-- tables of today's state have a history from their first snapshot on (rule 82)
history_starts as (
    select * from {{ ref('stg_history_starts') }}
    where history_from <= {{ as_of_date() }}
),

aged as (
    select
        *,
        rows_in - accepted - filtered - deleted_at_source as rejected,
        cast(
            {{ days_between('cast(latest_row_at as date)', as_of_date()) }} as bigint
        ) as days_since_latest_row
    from counted
),

final as (
    select
        aged.source_table,
        cast(aged.rows_in as bigint) as rows_in,
        cast(aged.accepted as bigint) as accepted,
        cast(aged.rejected as bigint) as rejected,
        cast(aged.filtered as bigint) as filtered,
        cast(aged.deleted_at_source as bigint) as deleted_at_source,
        {{ ratio(
            'aged.rejected', 'aged.rows_in - aged.filtered - aged.deleted_at_source'
        ) }} as rejection_rate,
        aged.latest_row_at,
        coalesce(inferred.inferred_ids, 0) as inferred_ids,
        case
            when aged.accepted > 0
                then coalesce(aged.history_from, history_starts.history_from)
        end as history_from,
        aged.days_since_latest_row,
        case
            when aged.days_since_latest_row is null then null
            when aged.days_since_latest_row > aged.fail_days then 'stale'
            when aged.days_since_latest_row > aged.warn_days then 'late'
            else 'fresh'
        end as freshness
    from aged
    left join inferred on aged.source_table = inferred.source_table
    left join history_starts on aged.source_table = history_starts.source_table
)

select * from final
