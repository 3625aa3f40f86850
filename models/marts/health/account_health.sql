-- Grain: one row per account and month at whose end it pays, the open month as of
-- as_of_date (account_id, date_month).
{% set weights = var('health_weights') %}
{% set components = health_components() %}
{% set bands = var('health_bands') %}
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

-- the first integer of the band above; none above the highest
with_next_band as (
    select
        *,
        case
            {%- for band in bands if band.max_score is not none %}
            when health_band = '{{ band.band }}' then {{ band.max_score + 1 }}
            {%- endfor %}
        end as next_band_from
    from with_driver
),

-- the lowest whole value of each component that reaches it alone. The exact score is
-- rounded half up to four places, and then to the integer
with_rises as (
    select
        *,
        {%- for component in components %}
        {{ ratio(
            '(next_band_from - 0.50005) * weight_sum - weighted_score', weights[component]
        ) }} as {{ component }}_rise,
        {%- endfor %}
        next_band_from - health_score as points_to_next_band
    from with_next_band
),

with_needs as (
    select
        {%- for component in components %}
        case
            when
                {{ component }}_score + {{ component }}_rise - 1e-9
                <= {{ var('usage_score_cap') if component == 'usage' else 100 }}
                then ceil({{ component }}_score + {{ component }}_rise - 1e-9)
        end as {{ component }}_needed,
        {%- endfor %}
        *
    from with_rises
),

-- least() skips what is null
with_fewest as (
    select
        *,
        least(
            {%- for component in components %}
            {{ component }}_needed - {{ component }}_score{{ ',' if not loop.last }}
            {%- endfor %}
        ) as fewest_points
    from with_needs
),

final as (
    select
        with_fewest.account_id,
        with_fewest.date_month,
        with_fewest.usage_score,
        with_fewest.billing_score,
        with_fewest.support_score,
        with_fewest.nps_score,
        {{ component_column('with_fewest.trend_score', 'trend', 'decimal(18, 4)') }}
            as trend_score,
        {{ ratio('with_fewest.weight_sum', weights.values() | join(' + ')) }}
            as score_coverage,
        with_fewest.health_score_exact,
        with_fewest.health_score,
        with_fewest.health_band,
        with_fewest.previous_health_score,
        with_fewest.health_score - with_fewest.previous_health_score as score_change,
        with_fewest.usage_points_lost,
        with_fewest.billing_points_lost,
        with_fewest.support_points_lost,
        with_fewest.nps_points_lost,
        {{ component_column('with_fewest.trend_points_lost', 'trend', 'double') }}
            as trend_points_lost,
        case
            when coalesce(with_fewest.most_points_lost, 0) <= 0 then null
            {%- for component in components %}
            when with_fewest.{{ component }}_points_lost = with_fewest.most_points_lost
                then '{{ component }}'
            {%- endfor %}
        end as top_driver,
        with_fewest.points_to_next_band,
        case
            {%- for component in components %}
            when
                with_fewest.{{ component }}_needed - with_fewest.{{ component }}_score
                = with_fewest.fewest_points
                then
                    '{{ component }} from '
                    || {{ score_text('floor(with_fewest.' ~ component ~ '_score)') }}
                    || ' to '
                    || {{ score_text('with_fewest.' ~ component ~ '_needed') }}
            {%- endfor %}
        end as one_band_up,
        playbooks.action as recommended_action,
        with_fewest.ends_on < paying_accounts.established_on as is_onboarding,
        with_fewest.mrr,
        with_fewest.is_complete_month
    from with_fewest
    inner join paying_accounts on with_fewest.account_id = paying_accounts.account_id
    left join playbooks on with_fewest.health_band = playbooks.trigger
)

select * from final
