-- Grain: one row per account and month at whose end it pays, the open month as of
-- as_of_date (account_id, date_month).
{% set weights = var('health_weights') %}
{% set components = health_components() %}
with account_health as (
    select * from {{ ref('int_health_changes') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

playbooks as (
    select * from {{ ref('playbooks') }}
),

-- the points that each component loses: together exactly the distance from 100. Also
-- known where the coverage is too low for a score
with_points_lost as (
    select
        {%- for component in components %}
        {{ ratio(
            weights[component] ~ ' * (100 - ' ~ component ~ '_score)', 'weight_sum'
        ) }} as {{ component }}_points_lost,
        {%- endfor %}
        *
    from account_health
),

with_driver as (
    select
        *,
        greatest(
            {%- for component in components %}
            {{ component }}_points_lost{{ "," if not loop.last }}
            {%- endfor %}
        ) as most_points_lost
    from with_points_lost
),

final as (
    select
        with_driver.account_id,
        with_driver.date_month,
        with_driver.usage_score,
        with_driver.billing_score,
        with_driver.support_score,
        with_driver.nps_score,
        {{ ratio('with_driver.weight_sum', weights.values() | join(' + ')) }}
            as score_coverage,
        with_driver.health_score_exact,
        with_driver.health_score,
        with_driver.health_band,
        with_driver.previous_health_score,
        with_driver.health_score - with_driver.previous_health_score as score_change,
        with_driver.usage_points_lost,
        with_driver.billing_points_lost,
        with_driver.support_points_lost,
        with_driver.nps_points_lost,
        case
            when coalesce(with_driver.most_points_lost, 0) <= 0 then null
            {%- for component in components %}
            when with_driver.{{ component }}_points_lost = with_driver.most_points_lost
                then '{{ component }}'
            {%- endfor %}
        end as top_driver,
        playbooks.action as recommended_action,
        with_driver.ends_on < paying_accounts.established_on as is_onboarding,
        with_driver.mrr,
        with_driver.is_complete_month
    from with_driver
    inner join paying_accounts on with_driver.account_id = paying_accounts.account_id
    left join playbooks on with_driver.health_band = playbooks.trigger
)

select * from final
