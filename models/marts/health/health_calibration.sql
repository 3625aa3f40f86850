-- Grain: one row per kind of segment, segment and set of weights (segment_type,
-- segment_value, weights_id), over the last months whose outcomes are known.
{% set bands = var('health_bands') | map(attribute='band') | list %}
{% set weight_columns = {} %}
{% for component in health_components() %}
{% do weight_columns.update({component: 'weights.' ~ component ~ '_weight'}) %}
{% endfor %}
with health_outcomes as (
    select * from {{ ref('int_health_outcomes') }}
    where health_score is not null
),

evaluated_months as (
    select * from {{ ref('int_calibration_months') }}
    where is_evaluated
),

weights as (
    select * from {{ ref('int_health_weights') }}
),

-- an account's segments at a month's end are those it has at the start of the next
customers as (
    select
        *,
        {{ add_months('date_month', -1) }} as previous_month
    from {{ ref('int_segment_customers') }}
),

weighed as (
    select
        health_outcomes.account_id,
        health_outcomes.date_month,
        health_outcomes.health_score,
        health_outcomes.is_churned,
        evaluated_months.evaluated_from,
        evaluated_months.evaluated_to,
        weights.weights_id,
        {{ known_weight(weight_columns, 'health_outcomes.') }} as known_weight,
        {{ weighted_points(weight_columns, 'health_outcomes.') }} as weighted_score
    from health_outcomes
    inner join evaluated_months
        on health_outcomes.date_month = evaluated_months.date_month
    -- all of them; with a cross join the filter below would be a nested loop
    inner join weights on evaluated_months.is_evaluated = (weights.weight_sum > 0)
),

with_score as (
    select
        *,
        {{ exact_ratio('weighted_score', 'known_weight', places=4) }} as score_exact
    from weighed
),

scored as (
    select
        account_id,
        date_month,
        evaluated_from,
        evaluated_to,
        weights_id,
        case
            when weights_id = 'current' then health_score
            else cast({{ exact_ratio('score_exact', 1, places=0) }} as integer)
        end as predicted,
        is_churned
    from with_score
),

banded as (
    select
        *,
        {{ health_band('predicted') }} as health_band
    from scored
    where predicted is not null
),

predictions as (
    {%- for segment_type, column in segment_types().items() %}
    select
        banded.*,
        '{{ segment_type }}' as segment_type,
        customers.{{ column }} as segment_value
    from banded
    inner join customers
        on
            banded.account_id = customers.account_id
            and banded.date_month = customers.previous_month
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- only accounts of one month are compared: a bad season is no prediction
areas as (
    select
        segment_type,
        segment_value,
        weights_id,
        {{ ratio('sum(twice_lower_pairs)', 'sum(2 * stayed * churned)') }} as auc
    from {{ ranked_pairs(
        'predictions', ['segment_type', 'segment_value', 'weights_id', 'date_month']
    ) }} as pairs
    group by segment_type, segment_value, weights_id
),

counted as (
    select
        segment_type,
        segment_value,
        weights_id,
        evaluated_from,
        evaluated_to,
        {%- for band in bands %}
        {{ ratio(
            "count(*) filter (where is_churned and health_band = '" ~ band ~ "')",
            "count(*) filter (where health_band = '" ~ band ~ "')"
        ) }} as {{ band }}_churn_rate,
        {%- endfor %}
        count(distinct account_id) as accounts,
        count(distinct case when is_churned then account_id end) as churned_accounts
    from predictions
    group by segment_type, segment_value, weights_id, evaluated_from, evaluated_to
),

-- the standard error of an AUC: Hanley and McNeil, Radiology 143 (1982). An account is
-- one observation, however many months it is in
with_variance as (
    select
        counted.*,
        areas.auc,
        (
            areas.auc * (1 - areas.auc)
            + (counted.churned_accounts - 1)
            * (areas.auc / (2 - areas.auc) - areas.auc * areas.auc)
            + (counted.accounts - counted.churned_accounts - 1)
            * (2 * areas.auc * areas.auc / (1 + areas.auc) - areas.auc * areas.auc)
        ) / nullif(
            cast(
                counted.churned_accounts * (counted.accounts - counted.churned_accounts)
                as double
            ),
            0
        ) as auc_variance
    from counted
    inner join areas
        on
            counted.segment_type = areas.segment_type
            and counted.segment_value = areas.segment_value
            and counted.weights_id = areas.weights_id
),

final as (
    select
        with_variance.segment_type,
        with_variance.segment_value,
        with_variance.weights_id,
        with_variance.auc,
        case
            when with_variance.auc_variance is not null
                then greatest(
                    with_variance.auc
                    - {{ z_95() }} * sqrt(greatest(with_variance.auc_variance, 0)),
                    0
                )
        end as auc_lower,
        case
            when with_variance.auc_variance is not null
                then least(
                    with_variance.auc
                    + {{ z_95() }} * sqrt(greatest(with_variance.auc_variance, 0)),
                    1
                )
        end as auc_upper,
        with_variance.accounts,
        with_variance.churned_accounts,
        {%- for band in bands %}
        with_variance.{{ band }}_churn_rate,
        {%- endfor %}
        {%- for component in ['usage', 'billing', 'support', 'nps', 'trend'] %}
        {{ component_column(
            ratio('weights.' ~ component ~ '_weight', 'weights.weight_sum'),
            component,
            'double'
        ) }} as {{ component }}_weight,
        {%- endfor %}
        with_variance.evaluated_from as judged_from,
        with_variance.evaluated_to as judged_to
    from with_variance
    inner join weights on with_variance.weights_id = weights.weights_id
)

select * from final
