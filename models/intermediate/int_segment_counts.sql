-- Grain: one row per month, kind of segment and segment (date_month, segment_type,
-- segment_value) with customers at the month's start, or a year before its end: what is
-- counted of them.
with customers as (
    select * from {{ ref('int_segment_customers') }}
),

at_start as (
    {%- for segment_type, column in segment_types().items() %}
    select
        date_month,
        '{{ segment_type }}' as segment_type,
        {{ column }} as segment_value,
        count(*) as customers,
        sum(mrr) as mrr,
        count(case when is_churned then 1 end) as churned_customers,
        sum(case when is_churned then mrr else 0 end) as churned_mrr,
        sum(lost_mrr) as lost_mrr,
        count(case when has_adopted then 1 end) as adopted_customers,
        count(days_to_value) as reached_value,
        cast(
            percentile_cont(0.5) within group (order by days_to_value) as double
        ) as median_days_to_value
    from customers
    group by date_month, {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

a_year_before as (
    {%- for segment_type, column in segment_types().items() %}
    select
        month_a_year_later as date_month,
        '{{ segment_type }}' as segment_type,
        {{ column }} as segment_value,
        count(*) as customers_then,
        sum(mrr) as mrr_then,
        count(case when mrr_a_year_later > 0 then 1 end) as retained_customers,
        sum(mrr_a_year_later) as retained_mrr,
        sum(least(mrr, mrr_a_year_later)) as retained_mrr_capped
    from customers
    group by month_a_year_later, {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

months as (
    select * from {{ ref('int_months') }}
),

-- a segment that has lost its last customer still had some a year before
final as (
    select
        months.date_month,
        coalesce(at_start.segment_type, a_year_before.segment_type) as segment_type,
        coalesce(at_start.segment_value, a_year_before.segment_value) as segment_value,
        months.is_complete_month,
        coalesce(at_start.customers, 0) as customers,
        at_start.mrr,
        at_start.churned_customers,
        at_start.churned_mrr,
        at_start.lost_mrr,
        at_start.adopted_customers,
        at_start.reached_value,
        at_start.median_days_to_value,
        coalesce(a_year_before.customers_then, 0) as customers_then,
        a_year_before.mrr_then,
        a_year_before.retained_customers,
        a_year_before.retained_mrr,
        a_year_before.retained_mrr_capped
    from at_start
    full outer join a_year_before
        on
            at_start.date_month = a_year_before.date_month
            and at_start.segment_type = a_year_before.segment_type
            and at_start.segment_value = a_year_before.segment_value
    inner join months
        on coalesce(at_start.date_month, a_year_before.date_month) = months.date_month
)

select * from final
