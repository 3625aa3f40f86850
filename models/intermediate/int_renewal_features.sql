-- Grain: one row per term, day of a forecast and feature (account_id, subscription_id,
-- due_on, made_on, feature): what was known on that day, as numbers.
with forecast_days as (
    select * from {{ ref('int_forecast_days') }}
),

account_health as (
    select * from {{ ref('int_account_health') }}
),

usage_trends as (
    select * from {{ ref('int_usage_trends') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

known as (
    select
        forecast_days.account_id,
        forecast_days.subscription_id,
        forecast_days.due_on,
        forecast_days.made_on,
        forecast_days.plan,
        coalesce(account_health.health_band, 'unknown') as health_band,
        greatest(
            {{ month_number('forecast_days.known_month') }}
            - {{ month_number('paying_accounts.first_paid_on') }},
            0
        ) / 12e0 as tenure_years,
        coalesce(
            {{ ratio(
                'usage_trends.recent_user_days - usage_trends.earlier_user_days',
                'usage_trends.recent_user_days + usage_trends.earlier_user_days'
            ) }},
            0
        ) as usage_trend
    from forecast_days
    inner join paying_accounts on forecast_days.account_id = paying_accounts.account_id
    left join account_health
        on
            forecast_days.account_id = account_health.account_id
            and forecast_days.known_month = account_health.date_month
    left join usage_trends
        on
            forecast_days.account_id = usage_trends.account_id
            and forecast_days.known_month = usage_trends.date_month
),

final as (
    {%- for feature, value in {
        "'intercept'": '1e0',
        "'band=' || health_band": '1e0',
        "'plan=' || plan": '1e0',
        "'tenure_years'": 'tenure_years',
        "'usage_trend'": 'usage_trend',
    }.items() %}
    select
        account_id,
        subscription_id,
        due_on,
        made_on,
        {{ feature }} as feature,
        {{ value }} as value
    from known
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
