-- Grain: one row per set of weights that the health score could have (weights_id).
{% set components = health_components() %}
{% set fixed_sets = {
    'current': var('health_weights'),
    'equal': dict.fromkeys(components, 1),
} %}
{% for component in components %}
{% do fixed_sets.update({component ~ '_only': {component: 1}}) %}
{% endfor %}
with health_outcomes as (
    select * from {{ ref('int_health_outcomes') }}
    where health_score is not null
),

training_months as (
    select date_month
    from {{ ref('int_calibration_months') }}
    where is_for_training
),

-- each component as a score of its own, rounded as the score is
predictions as (
    {%- for component in components %}
    select
        health_outcomes.date_month,
        '{{ component }}' as component,
        {{ exact_ratio('health_outcomes.' ~ component ~ '_score', 1, places=0) }}
            as predicted,
        health_outcomes.is_churned
    from health_outcomes
    inner join training_months
        on health_outcomes.date_month = training_months.date_month
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

areas as (
    select
        component,
        {{ ratio('sum(twice_lower_pairs)', 'sum(2 * stayed * churned)') }} as auc
    from {{ ranked_pairs('predictions', ['date_month', 'component']) }} as pairs
    group by component
),

-- what a component tells beyond chance: only accounts of one month are compared
component_weights as (
    select
        component,
        cast(greatest(auc - 0.5, 0) as decimal(9, 4)) as weight
    from areas
),

sets as (
    {%- for weights_id, weights in fixed_sets.items() %}
    select
        {%- for component in components %}
        cast({{ weights.get(component, 0) }} as decimal(9, 4))
            as {{ component }}_weight,
        {%- endfor %}
        '{{ weights_id }}' as weights_id
    union all
    {%- endfor %}
    select
        {%- for component in components %}
        coalesce(max(case when component = '{{ component }}' then weight end), 0)
            as {{ component }}_weight,
        {%- endfor %}
        'fitted' as weights_id
    from component_weights
),

with_sum as (
    select
        weights_id,
        {%- for component in components %}
        {{ component }}_weight,
        {%- endfor %}
        {%- for component in components %}
        {{ "+ " if not loop.first -}}
        {{ component }}_weight
        {%- endfor %} as weight_sum
    from sets
),

final as (
    select *
    from with_sum
    where weight_sum > 0
)

select * from final
