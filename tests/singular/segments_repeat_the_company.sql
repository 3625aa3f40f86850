-- A row returned means that a metric of retention_by_segment is not the one that
-- another mart publishes of the same customers, or that the segments of a kind do not
-- sum to all.
with segments as (
    select * from {{ ref('retention_by_segment') }}
),

monthly_churn as (
    select * from {{ ref('monthly_churn') }}
),

revenue_retention as (
    select * from {{ ref('revenue_retention') }}
    where months_back = 12
),

churn_by_segment as (
    select * from {{ ref('churn_by_segment') }}
),

published as (
    select
        date_month,
        'all' as segment_type,
        'all' as segment_value,
        'churn_rate' as metric,
        churn_rate as value
    from monthly_churn
    where customers_at_start > 0
    union all
    select
        date_month,
        'all' as segment_type,
        'all' as segment_value,
        'gross_mrr_churn_rate' as metric,
        gross_mrr_churn_rate as value
    from monthly_churn
    where customers_at_start > 0
    union all
    {%- for metric in ('nrr', 'grr') %}
    select
        revenue_retention.date_month,
        'all' as segment_type,
        'all' as segment_value,
        '{{ metric }}_12m' as metric,
        revenue_retention.{{ metric }} as value
    from revenue_retention
    inner join monthly_churn on revenue_retention.date_month = monthly_churn.date_month
    where monthly_churn.customers_at_start > 0
    union all
    {%- endfor %}
    select
        date_month,
        segment_type,
        segment_value,
        'churn_rate' as metric,
        churn_rate as value
    from churn_by_segment
),

bases as (
    select
        date_month,
        segment_type,
        sum(base) as base
    from segments
    where metric = 'churn_rate'
    group by date_month, segment_type
)

select
    published.date_month,
    published.segment_type,
    published.segment_value,
    published.metric,
    published.value as published_value,
    segments.value as segment_value_here
from published
left join segments
    on
        published.date_month = segments.date_month
        and published.segment_type = segments.segment_type
        and published.segment_value = segments.segment_value
        and published.metric = segments.metric
where
    segments.metric is null
    or (published.value is null) <> (segments.value is null)
    or abs(published.value - segments.value) > 1e-9
union all
select
    bases.date_month,
    bases.segment_type,
    'sum' as segment_value,
    'base' as metric,
    bases.base as published_value,
    monthly_churn.customers_at_start as segment_value_here
from bases
inner join monthly_churn on bases.date_month = monthly_churn.date_month
where bases.base <> monthly_churn.customers_at_start
