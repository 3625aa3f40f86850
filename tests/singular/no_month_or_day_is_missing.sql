-- A row returned is a mart, and the series in it, that has fewer months (days) than
-- there are from its first to the as-of date (rule 16).
{% set monthly_marts = {
    'monthly_churn': "'all'",
    'churn_variants': 'churn_rule',
    'revenue_retention': 'cast(months_back as ' ~ dbt.type_string() ~ ')',
    'unit_economics': "'all'",
    'user_lifecycle': "'all'",
    'account_activity': 'account_id',
    'active_users_by_account': 'account_id',
    'product_adoption': "'all'",
    'nps_monthly': 'period_type',
    'customer_loyalty_index': "'all'",
    'csat_monthly': "'all'",
    'referrals_monthly': "'all'",
} -%}
with periods as (
    {%- for mart, series in monthly_marts.items() %}
    select
        '{{ mart }}' as mart,
        {{ series }} as series,
        count(distinct date_month) as periods,
        {{ month_number(as_of_date()) }} - {{ month_number('min(date_month)') }} + 1
            as expected_periods
    from {{ ref(mart) }}
    group by {{ series }}
    union all
    {%- endfor %}
    select
        'active_users' as mart,
        'all' as series,
        count(distinct date_day) as periods,
        {{ days_between('min(date_day)', as_of_date()) }} + 1 as expected_periods
    from {{ ref('active_users') }}
)

select *
from periods
where periods != expected_periods
