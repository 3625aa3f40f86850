-- Grain: one row per month in which accounts pay and predictor (date_month, predictor:
-- health_score, logins_only), for months whose three following months are over.
{% set months_ahead = 3 %}
{% set bands = var('health_bands') | map(attribute='band') | list %}
with account_health as (
    select * from {{ ref('int_account_health') }}
),

months as (
    select * from {{ ref('int_months') }}
),

movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month'
),

user_days as (
    select * from {{ ref('int_user_days') }}
    where is_active
),

judged_months as (
    select months.date_month
    from months
    inner join months as last_months
        on
            {{ add_months('months.date_month', months_ahead) }}
            = last_months.date_month
            and last_months.is_complete_month
),

churned_accounts as (
    select distinct
        movements.account_id,
        judged_months.date_month
    from judged_months
    inner join movements
        on
            judged_months.date_month < movements.period_start
            and movements.period_start
            <= {{ add_months('judged_months.date_month', months_ahead) }}
    where movements.movement_type = 'churn'
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
        account_health.account_id,
        account_health.date_month,
        account_health.health_score,
        account_health.health_band,
        coalesce(logins_by_month.logins, 0) as logins,
        churned_accounts.account_id is not null as is_churned
    from account_health
    inner join judged_months on account_health.date_month = judged_months.date_month
    left join churned_accounts
        on
            account_health.account_id = churned_accounts.account_id
            and account_health.date_month = churned_accounts.date_month
    left join logins_by_month
        on
            account_health.account_id = logins_by_month.account_id
            and account_health.date_month = logins_by_month.date_month
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

by_value as (
    select
        date_month,
        predictor,
        predicted,
        count(*) filter (where is_churned) as churned,
        count(*) filter (where not is_churned) as stayed
    from predictions
    where predicted is not null
    group by date_month, predictor, predicted
),

with_lower_churned as (
    select
        date_month,
        predictor,
        churned,
        stayed,
        sum(churned) over (
            partition by date_month, predictor
            order by predicted
            rows between unbounded preceding and current row
        ) - churned as churned_below
    from by_value
),

-- AUC: of all pairs of one that churned and one that stayed, the share in which the
-- churned one is lower, ties half (Mann and Whitney, Ann. Math. Stat. 18, 1947). Each
-- account that stayed counts the churned ones below it and half of the tied ones
areas as (
    select
        date_month,
        predictor,
        {{ ratio(
            'sum(stayed * (2 * churned_below + churned))',
            '2 * sum(stayed) * sum(churned)'
        ) }} as auc
    from with_lower_churned
    group by date_month, predictor
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
