-- Grain: one row per month, kind of segment, segment and metric (date_month,
-- segment_type, segment_value, metric), where it has customers at the month's start; of
-- metrics over 12 months, also where it had some a year before.
{% set no_bound = 'cast(null as double)' %}
{% set metrics = {
    'churn_rate': {
        'value': ratio('churned_customers', 'customers'),
        'share': ['churned_customers', 'customers'],
        'base': 'customers',
    },
    'gross_mrr_churn_rate': {
        'value': ratio('lost_mrr', 'mrr'),
        'base': 'customers',
    },
    'nrr_12m': {
        'value': ratio('retained_mrr', 'mrr_then'),
        'base': 'customers_then',
    },
    'grr_12m': {
        'value': ratio('retained_mrr_capped', 'mrr_then'),
        'base': 'customers_then',
    },
    'retention_12m': {
        'value': ratio('retained_customers', 'customers_then'),
        'share': ['retained_customers', 'customers_then'],
        'base': 'customers_then',
    },
    'nps': {
        'value': ratio('100 * (promoters - detractors)', 'responses'),
        'base': 'responses',
    },
    'customer_adoption_rate': {
        'value': ratio('adopted_customers', 'customers'),
        'share': [
            'adopted_customers',
            'case when adopted_customers is not null then customers end',
        ],
        'base': 'customers',
    },
    'time_to_value_days': {
        'value': 'median_days_to_value',
        'base': 'reached_value',
    },
    'mrr_per_customer': {
        'value': ratio('mrr', 'customers'),
        'base': 'customers',
    },
    'ltv': {
        'value': ratio(
            ratio('mrr', 'customers') ~ ' * ' ~ var('gross_margin'), 'mean_churn_rate'
        ),
        'base': 'customers',
    },
} %}
with segment_counts as (
    select * from {{ ref('int_segment_counts') }}
),

segment_nps as (
    select * from {{ ref('int_segment_nps') }}
),

first_use as (
    select min(date_day) as first_used_on
    from {{ ref('int_feature_days') }}
),

-- adoption is unknown before the first event
counted as (
    select
        segment_counts.date_month,
        segment_counts.segment_type,
        segment_counts.segment_value,
        segment_counts.is_complete_month,
        segment_counts.customers,
        segment_counts.mrr,
        segment_counts.churned_customers,
        segment_counts.lost_mrr,
        case
            when
                {{ month_of('first_use.first_used_on') }} <= segment_counts.date_month
                then segment_counts.adopted_customers
        end as adopted_customers,
        segment_counts.reached_value,
        segment_counts.median_days_to_value,
        coalesce(segment_counts.customers_then, 0) as customers_then,
        segment_counts.mrr_then,
        segment_counts.retained_customers,
        segment_counts.retained_mrr,
        segment_counts.retained_mrr_capped,
        coalesce(segment_nps.responses, 0) as responses,
        coalesce(segment_nps.promoters, 0) as promoters,
        coalesce(segment_nps.detractors, 0) as detractors
    from segment_counts
    cross join first_use
    left join segment_nps
        on
            segment_counts.date_month = segment_nps.date_month
            and segment_counts.segment_type = segment_nps.segment_type
            and segment_counts.segment_value = segment_nps.segment_value
),

-- of this month and the two before, in which the segment had customers
with_mean_churn as (
    select
        *,
        avg({{ ratio('churned_customers', 'customers') }}) over (
            partition by segment_type, segment_value
            order by {{ month_number('date_month') }}
            range between 2 preceding and current row
        ) as mean_churn_rate
    from counted
),

final as (
    {%- for metric, of_metric in metrics.items() %}
    {%- set share = of_metric.get('share') %}
    select
        date_month,
        segment_type,
        segment_value,
        '{{ metric }}' as metric,
        cast({{ of_metric['value'] }} as double) as value,
        {%- for bound in ('lower', 'upper') %}
        {% if metric == 'nps' -%}
        {{ nps_bound('promoters', 'detractors', 'responses', bound) }}
        {%- elif share -%}
        {{ wilson_bound(share[0], share[1], bound) }}
        {%- else -%}
        {{ no_bound }}
        {%- endif %} as {{ bound }},
        {%- endfor %}
        cast({{ of_metric['base'] }} as bigint) as base,
        {{ is_small_sample(of_metric['base']) }} as is_small_sample,
        is_complete_month
    from with_mean_churn
    {%- if of_metric['base'] != 'customers_then' %}
    where customers > 0{{ ' and is_complete_month' if metric == 'ltv' }}
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
