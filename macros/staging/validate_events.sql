{#-
    The events of a raw table, validated: accepted ones aggregated by day, user and so
    on, rejected ones as delivered. Raw events are read only here. A build reads the
    open days (macros/incremental/), with a filter that reaches a Parquet scan, and of
    older ones the keys that may be among theirs.

        at        the timestamp column
        by        the columns with one row per day and combination
        measures  more aggregates of the accepted rows: {name: expression}
-#}
{% macro validate_events(table, at, by, measures={}, accounts=none, users=none) %}
{#- Outside of `execute`, for dbt to see the dependencies. -#}
{%- set dependencies = [raw_table(table), ref('stg_account_aliases')] -%}
{%- if execute -%}
{%- set delivered = delivered_columns(table) -%}
{%- set latest_first = read_updated_at('delivered', delivered) | trim ~ ' desc nulls last' -%}
{%- set open_from = first_open_day(table) if is_incremental() else none -%}
with ranked as (
    {%- if open_from %}
    {{ rank_open_rows(
        table, delivered, delivered_rows(table), latest_first,
        may_be_on_or_after('delivered.' ~ at, delivered[at], open_from),
        final_keys_have_blanks(open_from)
    ) }}
    {%- else %}
    {{ rank_by_key(table, delivered, delivered_rows(table), is_read=false, order_by=latest_first) }}
    {%- endif %}
),

source as (
    select
        *,
        {{ key_has_blanks(table, delivered, 'ranked') }} as key_has_blanks
    from ranked
),

cells as (
    {{ read_cells(table, delivered, keep=['key_rank', 'key_has_blanks']) }}
),

checked as (
    select
        *,
        {{ own_reason(table, delivered) }} as own_reason
    from cells
),

related as (
    {{ relation_reason(table, 'checked', accounts=accounts, users=users) }}
),

reasoned as (
    select
        {{ by | join(', ') }},
        {{ at }} as happened_at,
        {{ local_date(at) }} as date_day,
        {%- for name in measures_of(measures) %}
        {{ name }},
        {%- endfor %}
        updated_at,
        key_has_blanks,
        coalesce(own_reason, relation_reason) as rejection_reason,
        case
            when coalesce(own_reason, relation_reason) is not null
                then {{ row_key(table, delivered) }}
        end as row_key,
        case
            when coalesce(own_reason, relation_reason) not in ('filtered', 'deleted_at_source')
                then {{ raw_row_json(table, delivered) }}
        end as raw_row
    from related
),

hashed as (
    select
        *,
        case when rejection_reason is not null then {{ row_hash(['row_key', 'raw_row']) }} end
            as rejected_row_hash
    from reasoned
),

days as (
    select
        {{ by | join(', ') }},
        date_day,
        rejection_reason,
        -- one value each: rejected rows are grouped by their own hash
        min(row_key) as row_key,
        min(raw_row) as raw_row,
        count(*) as row_count,
        {%- for name, expression in measures.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        min(happened_at) as first_at,
        max(happened_at) as last_at,
        max(updated_at) as last_updated_at,
        bit_or({{ hour_bit('happened_at') }}) as hours_active,
        -- beyond the first in one second; only recent days, where it matters
        count(*) filter (where date_day > {{ add_days(as_of_date(), -90) }})
        - count(distinct date_trunc('second', happened_at))
            filter (where date_day > {{ add_days(as_of_date(), -90) }}) as repeated_rows,
        count(*) filter (where key_has_blanks) as keys_with_blanks
    from hashed
    {%- if open_from %}
    where date_day >= date '{{ open_from }}' or date_day is null
    {%- endif %}
    group by {{ by | join(', ') }}, date_day, rejection_reason, rejected_row_hash
)

select
    *,
    {{ 'false' if open_from else 'true' }} as is_from_full_build,
    {{ as_of_date() }} as validated_as_of,
    '{{ input_fingerprint(table) }}' as input_fingerprint
    {{- partition_column() }}
from days
order by date_day, account_id, user_id
{%- endif -%}
{% endmacro %}
