-- A row returned is a day whose number of delivered raw events differs from what was
-- validated. The only test that counts raw events: builds avoid reading them. A
-- difference on an open day, or after a full build, is a defect and fails. Elsewhere it
-- warns: events arrived later than late_arrival_days, or were removed; `dbt build
-- --full-refresh` picks that up. Rows without a readable day have the year 1000: they
-- are reprocessed each time. The rows are kept: publishing stops where they are many.
{{ config(
    store_failures=true,
    schema='staging',
    alias='event_days_that_differ',
    fail_calc="coalesce(sum(weight), 0)",
    warn_if=">0",
    error_if=">=1000000000"
) }}
with
{%- for table, at in [('logins', 'logged_in_at'), ('feature_events', 'occurred_at')] %}
{%- set base = ref('base_' ~ table) %}
{{ table }}_delivered as (
    select
        coalesce({{ delivered_day(table, at) }}, date '1000-01-01') as date_day,
        count(*) as row_count
    from {{ raw_table(table) }} as delivered
    group by coalesce({{ delivered_day(table, at) }}, date '1000-01-01')
),

{{ table }}_validated as (
    select
        coalesce(date_day, date '1000-01-01') as date_day,
        sum(row_count) as row_count
    from {{ base }}
    group by coalesce(date_day, date '1000-01-01')
),

{{ table }}_build as (
    select
        coalesce(min(case when is_from_full_build then 1 else 0 end), 1) = 1 as is_full,
        {{ add_days(
            'coalesce(max(validated_as_of), ' ~ as_of_date() ~ ')',
            -var('late_arrival_days')
        ) }} as open_from
    from {{ base }}
),

-- exports often hold a limited time only: what is older is no longer delivered
{{ table }}_bounds as (
    select min(date_day) as first_delivered_on
    from {{ table }}_delivered
    where date_day > date '1000-01-01'
),

{{ table }}_compared as (
    select
        '{{ table }}' as source_table,
        coalesce(delivered.date_day, validated.date_day) as date_day,
        coalesce(delivered.row_count, 0) as rows_delivered,
        coalesce(validated.row_count, 0) as rows_validated,
        coalesce(
            coalesce(delivered.date_day, validated.date_day) < bounds.first_delivered_on,
            false
        ) as is_before_delivery,
        case
            when
                build.is_full
                or coalesce(delivered.date_day, validated.date_day) >= build.open_from
                or coalesce(delivered.date_day, validated.date_day) = date '1000-01-01'
                then 1000000000
            else 1
        end as weight
    from {{ table }}_delivered as delivered
    full outer join {{ table }}_validated as validated
        on delivered.date_day = validated.date_day
    cross join {{ table }}_build as build
    cross join {{ table }}_bounds as bounds
    where coalesce(delivered.row_count, 0) <> coalesce(validated.row_count, 0)
),
{% endfor %}
compared as (
    select * from logins_compared
    union all
    select * from feature_events_compared
)

select * from compared
