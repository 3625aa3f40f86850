-- Grain: a single row, for as_of_date (as_of_date): the date as of which metrics are
-- computed, and what is incomplete.
{% set unneeded_tables = ['account_notes', 'mrr_reported'] %}
with data_quality_summary as (
    select * from {{ ref('data_quality_summary') }}
),

-- in the contract's order; no metric needs notes, nor the MRR that is only compared
absent as (
    select
        nullif(
            concat_ws(
                ', '
                {%- for table in raw_tables() if table not in unneeded_tables %},
                max(
                    case
                        when source_table = '{{ table }}' and accepted = 0
                            then '{{ table }}'
                    end
                )
                {%- endfor %}
            ),
            ''
        ) as tables_without_rows
    from data_quality_summary
),

dated as (
    select
        {{ as_of_date() }} as as_of_date,
        case
            when {{ is_complete('last_day(' ~ as_of_date() ~ ')') }}
                then {{ month_of(as_of_date()) }}
            else {{ add_months(month_of(as_of_date()), -1) }}
        end as latest_complete_month,
        case
            when not {{ is_complete('last_day(' ~ as_of_date() ~ ')') }}
                then {{ month_of(as_of_date()) }}
        end as open_month,
        tables_without_rows
    from absent
),

described as (
    select
        as_of_date,
        latest_complete_month,
        open_month,
        tables_without_rows,
        '{{ var("base_currency") }}' as base_currency,
        'Figures as of ' || cast(as_of_date as string)
        || '. Latest complete month: '
        || substr(cast(latest_complete_month as string), 1, 7)
        || coalesce(
            '; ' || substr(cast(open_month as string), 1, 7) || ' is incomplete.', '.'
        )
        || ' Money is in {{ var("base_currency") }}.'
        || coalesce(' Not delivered: ' || tables_without_rows || '.', '') as note
    from dated
)

select * from described
