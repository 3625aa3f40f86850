-- Grain: one row per month in which accounts pay and predictor (date_month, predictor:
-- health_score, logins_only), for months whose three following months are over.
{% set bands = var('health_bands') | map(attribute='band') | list %}
with health_outcomes as (
    select * from {{ ref('int_health_outcomes') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
    where is_active
),

logins_by_month as (
    select
        account_id,
        {{ month_of('date_day') }} as date_month,
        sum(logins) as logins
    from user_days
    group by account_id, {{ month_of('date_day') }}
),

-- both predictors are evaluated on the same accounts: those with a score
outcomes as (
    select
        health_outcomes.account_id,
        health_outcomes.date_month,
        health_outcomes.health_score,
        health_outcomes.health_band,
        coalesce(logins_by_month.logins, 0) as logins,
        health_outcomes.is_churned
    from health_outcomes
    left join logins_by_month
        on
            health_outcomes.account_id = logins_by_month.account_id
            and health_outcomes.date_month = logins_by_month.date_month
),

predictions as (
    select
        date_month,
        'health_score' as predictor,
        health_score as predicted,
        health_band,
        is_churned
    from outcomes
    union all
    select
        date_month,
        'logins_only' as predictor,
        case when health_score is not null then logins end as predicted,
        null as health_band,
        is_churned
    from outcomes
),

areas as (
    select
        date_month,
        predictor,
        {{ ratio('twice_lower_pairs', '2 * stayed * churned') }} as auc
    from {{ ranked_pairs('predictions', ['date_month', 'predictor']) }} as pairs
),

summed as (
    select
        date_month,
        predictor,
        {%- for band in bands %}
        {{ ratio(
            "count(*) filter (where is_churned and health_band = '" ~ band ~ "')",
            "count(*) filter (where health_band = '" ~ band ~ "')"
        ) }} as {{ band }}_churn_rate,
        {%- endfor %}
        count(predicted) as accounts,
        count(*) filter (where is_churned and predicted is not null)
            as churned_accounts
    from predictions
    group by date_month, predictor
),

final as (
    select
        summed.date_month,
        summed.predictor,
        summed.accounts,
        summed.churned_accounts,
        areas.auc,
        {%- for band in bands %}
        summed.{{ band }}_churn_rate,
        {%- endfor %}
        true as is_complete_month
    from summed
    left join areas
        on
            summed.date_month = areas.date_month
            and summed.predictor = areas.predictor
)

select * from final
