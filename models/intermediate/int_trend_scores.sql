-- Grain: one row per account and month at whose end it pays (account_id, date_month),
-- where enough use is known to compare: the trend component of its health.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

usage_trends as (
    select * from {{ ref('int_usage_trends') }}
),

-- the definition: use in the window, as a percentage of the window before, at most 100
final as (
    select
        paying_months.account_id,
        paying_months.date_month,
        least(
            {{ exact_ratio(
                '100 * usage_trends.recent_user_days',
                'usage_trends.earlier_user_days',
                places=4
            ) }},
            cast(100 as decimal(18, 4))
        ) as trend_score
    from paying_months
    inner join usage_trends
        on
            paying_months.account_id = usage_trends.account_id
            and paying_months.date_month = usage_trends.date_month
    where
        usage_trends.earlier_user_days
        >= {{ var('alert_thresholds').usage_drop_min_user_days }}
)

select * from final
