-- Grain: one row per month and metric (date_month, metric), for the months of the
-- metric's own mart, up to that of as_of_date.
{% set metrics_by_mart = {
    'monthly_churn': [
        'mrr_at_end',
        'arr',
        'customers_at_end',
        'churn_rate',
        'gross_mrr_churn_rate',
        'net_mrr_churn_rate',
        'quick_ratio',
    ],
    'yearly_retention': ['nrr_12m', 'grr_12m'],
    'renewals': ['renewal_rate'],
    'trial_conversion': ['conversion_rate'],
    'unit_economics': ['arpa', 'ltv', 'cac', 'ltv_to_cac', 'ltv_to_crc'],
    'active_users': ['mau', 'stickiness'],
    'product_adoption': ['adoption_rate', 'account_adoption_rate'],
    'activity_monthly': ['login_ratio'],
    'time_to_value': ['median_days'],
    'nps_monthly': ['nps'],
    'customer_loyalty_index': ['cli'],
    'csat_monthly': ['csat_rate'],
    'referrals_monthly': ['referral_rate'],
    'health_monthly': ['health_score_mean', 'red_accounts'],
} %}
{% set with_interval = ['churn_rate', 'conversion_rate', 'adoption_rate', 'nps'] %}
{#- What a rate or a mean was taken over, where its mart does not mark small ones. -#}
{% set bases = {
    'nrr_12m': 'customers_then',
    'grr_12m': 'customers_then',
    'stickiness': 'mau',
    'account_adoption_rate': 'signed_up_accounts',
    'login_ratio': 'provisioned_users',
    'median_days': 'reached_value',
    'cli': 'responses',
    'csat_rate': 'responses',
    'referral_rate': 'paying_customers',
    'health_score_mean': 'scored_accounts',
} %}
{% set marked = [
    'churn_rate',
    'gross_mrr_churn_rate',
    'net_mrr_churn_rate',
    'renewal_rate',
    'conversion_rate',
    'adoption_rate',
    'nps',
] %}
with monthly_churn as (
    select * from {{ ref('monthly_churn') }}
),

yearly_retention as (
    select
        date_month,
        nrr as nrr_12m,
        grr as grr_12m,
        customers_then,
        is_complete_month
    from {{ ref('revenue_retention') }}
    where months_back = 12
),

-- terms that are still to fall due have no rate yet
renewals as (
    select * from {{ ref('renewals') }}
    where date_month <= {{ as_of_date() }}
),

trial_conversion as (
    select * from {{ ref('trial_conversion') }}
),

unit_economics as (
    select * from {{ ref('unit_economics') }}
),

-- on the month's last day; in the open month on as_of_date
active_users as (
    select
        months.date_month,
        daily_users.mau,
        daily_users.stickiness,
        months.is_complete_month
    from {{ ref('active_users') }} as daily_users
    inner join {{ ref('int_months') }} as months
        on daily_users.date_day = months.ends_on
),

product_adoption as (
    select * from {{ ref('product_adoption') }}
),

activity_monthly as (
    select * from {{ ref('activity_monthly') }}
),

time_to_value as (
    select
        signup_month as date_month,
        median_days,
        reached_value,
        is_complete_month
    from {{ ref('time_to_value') }}
),

nps_monthly as (
    select * from {{ ref('nps_monthly') }}
    where period_type = 'month'
),

customer_loyalty_index as (
    select * from {{ ref('customer_loyalty_index') }}
),

csat_monthly as (
    select * from {{ ref('csat_monthly') }}
),

referrals_monthly as (
    select * from {{ ref('referrals_monthly') }}
),

health_monthly as (
    select * from {{ ref('health_monthly') }}
),

metric_catalogue as (
    select * from {{ ref('metric_catalogue') }}
),

first_reports as (
    select * from {{ ref('figures_reported') }}
    where cause = 'first_report'
),

-- copied from the marts, never recomputed
drawn as (
    {%- for mart, metrics in metrics_by_mart.items() %}
    {%- for metric in metrics %}
    {%- set has_interval = metric in with_interval %}
    select
        date_month,
        '{{ metric }}' as metric,
        cast({{ metric }} as double) as value,
        cast({{ metric ~ '_lower' if has_interval else 'null' }} as double) as lower,
        cast({{ metric ~ '_upper' if has_interval else 'null' }} as double) as upper,
        {% if metric in marked -%}
        is_small_sample,
        {%- elif metric in bases -%}
        coalesce({{ is_small_sample(bases[metric]) }}, true) as is_small_sample,
        {%- else -%}
        false as is_small_sample,
        {%- endif %}
        is_complete_month
    from {{ mart }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

with_last as (
    select
        *,
        lag(value) over by_metric as last_value,
        lag(is_small_sample) over by_metric as is_last_small_sample,
        lag(date_month) over by_metric as last_month
    from drawn
    window by_metric as (partition by metric order by date_month)
),

-- the previous row may be of an earlier month: then there is no previous value
with_previous as (
    select
        *,
        case
            when last_month = {{ add_months('date_month', -1) }} then last_value
        end as previous_value
    from with_last
),

-- two equal values may differ in the last digits of a double, which is not a change. A
-- change in two trials, or two answers, is chance and not a change either
with_change as (
    select
        *,
        case
            when is_small_sample or is_last_small_sample then null
            when
                abs(value - previous_value)
                <= 1e-9 * greatest(abs(value), abs(previous_value))
                then 0
            else value - previous_value
        end as value_change
    from with_previous
),

final as (
    select
        with_change.date_month,
        with_change.metric,
        with_change.value,
        first_reports.value as first_reported_value,
        with_change.previous_value,
        with_change.value_change,
        case
            when with_change.value_change = 0 then 'unchanged'
            when
                (with_change.value_change > 0) = (metric_catalogue.direction = 'up')
                then 'better'
            when with_change.value_change <> 0 then 'worse'
        end as change_is,
        with_change.lower,
        with_change.upper,
        with_change.is_small_sample,
        metric_catalogue.journey_phase,
        metric_catalogue.strategy,
        with_change.is_complete_month
    from with_change
    left join metric_catalogue on with_change.metric = metric_catalogue.metric
    left join first_reports
        on
            with_change.metric = first_reports.metric
            and with_change.date_month = first_reports.date_month
)

select * from final
