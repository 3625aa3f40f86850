-- Grain: one row per month and metric (date_month, metric), for the months of the
-- metric's own mart, up to that of as_of_date: what kpi_monthly compares.
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

-- copied from the marts, never recomputed
final as (
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
)

select * from final
