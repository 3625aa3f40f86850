-- Rule 80: a metric that is published twice has one value. A row returned is an account
-- whose health or activity in customer_360 is not that of the month of as_of_date in
-- its own mart.
{% set of_this_month = 'date_month = ' ~ month_of(as_of_date()) %}
with health as (
    {{ test_columns_equal(
        ref('customer_360'),
        ref('account_health'),
        columns=['account_id', 'health_score', 'health_band', 'top_driver'],
        source_where=of_this_month,
        model_where='current_mrr > 0'
    ) }}
),

activity as (
    {{ test_columns_equal(
        ref('customer_360'),
        ref('account_activity'),
        columns=[
            'account_id',
            'active_users',
            'provisioned_users',
            'login_ratio',
            'features_used',
        ],
        source_where=of_this_month,
        model_where='provisioned_users is not null'
    ) }}
)

select account_id from health
union all
select account_id from activity
