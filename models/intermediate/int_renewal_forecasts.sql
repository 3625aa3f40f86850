-- Grain: one row per term and day of a forecast (account_id, subscription_id, due_on,
-- made_on): the probability that the term is renewed, by the newest model of that day,
-- else the base rate.
{% set z_80 = '1.2815515655446004e0' %}
{% set term = ['account_id', 'subscription_id', 'due_on', 'made_on'] %}
with forecast_days as (
    select * from {{ ref('int_forecast_days') }}
),

features as (
    select * from {{ ref('int_renewal_features') }}
),

base_rates as (
    select * from {{ ref('int_renewal_base_rates') }}
),

coefficients as (
    select * from {{ ref('stg_renewal_coefficients') }}
),

covariances as (
    select * from {{ ref('stg_renewal_covariances') }}
),

trainings as (
    select
        trained_to as valid_from,
        lead(trained_to) over (order by trained_to) as valid_until
    from (select distinct trained_to from coefficients) as training_days
),

-- the newest model trained on terms that were decided before the day
with_model as (
    select
        features.*,
        trainings.valid_from as trained_to
    from features
    inner join trainings on {{ is_valid_on('trainings', 'features.made_on') }}
),

contributions as (
    select
        {%- for column in term %}
        with_model.{{ column }},
        {%- endfor %}
        with_model.feature,
        -- as decimals: their sum does not depend on the order
        cast(coefficients.coefficient * with_model.value as decimal(28, 14)) as points,
        coefficients.coefficient * (with_model.value - coefficients.mean_value)
            as points_above_average
    from with_model
    inner join coefficients
        on
            with_model.trained_to = coefficients.trained_to
            and with_model.feature = coefficients.feature
),

ranked as (
    select
        *,
        case
            when feature = 'intercept' then null
            when points_above_average > 0 then feature || ' raises it'
            else feature || ' lowers it'
        end as factor,
        row_number() over (
            partition by {{ term | join(', ') }}
            order by
                feature = 'intercept' asc,
                abs(points_above_average) desc,
                feature asc
        ) as factor_rank
    from contributions
),

-- with what moves the probability most, compared with the average term
logits as (
    select
        {{ term | join(', ') }},
        cast(sum(points) as double) as logit,
        nullif(
            concat_ws(
                '; '
                {%- for rank in [1, 2, 3] %},
                max(case when factor_rank = {{ rank }} then factor end)
                {%- endfor %}
            ),
            ''
        ) as top_factors
    from ranked
    group by {{ term | join(', ') }}
),

variances as (
    select
        {%- for column in term %}
        one.{{ column }},
        {%- endfor %}
        cast(
            sum(cast(
                one.value * other.value * covariances.covariance as decimal(28, 14)
            )) as double
        ) as variance
    from with_model as one
    inner join with_model as other
        on
            one.account_id = other.account_id
            and one.subscription_id = other.subscription_id
            and one.due_on = other.due_on
            and one.made_on = other.made_on
    inner join covariances
        on
            one.trained_to = covariances.trained_to
            and one.feature = covariances.feature
            and other.feature = covariances.other_feature
    group by one.account_id, one.subscription_id, one.due_on, one.made_on
),

-- one row per day: joined to every term, the validity would be compared row by row
base_rates_by_day as (
    select
        forecast_dates.made_on,
        base_rates.decided,
        base_rates.renewed,
        base_rates.renewed_share
    from (select distinct made_on from forecast_days) as forecast_dates
    inner join base_rates on {{ is_valid_on('base_rates', 'forecast_dates.made_on') }}
),

combined as (
    select
        forecast_days.*,
        logits.logit,
        {{ z_80 }} * sqrt(greatest(variances.variance, 0)) as logit_spread,
        logits.top_factors,
        coalesce(base_rates_by_day.decided, 0) as decided_before,
        coalesce(base_rates_by_day.renewed, 0) as renewed_before,
        base_rates_by_day.renewed_share as base_rate
    from forecast_days
    left join logits
        on
            forecast_days.account_id = logits.account_id
            and forecast_days.subscription_id = logits.subscription_id
            and forecast_days.due_on = logits.due_on
            and forecast_days.made_on = logits.made_on
    left join variances
        on
            forecast_days.account_id = variances.account_id
            and forecast_days.subscription_id = variances.subscription_id
            and forecast_days.due_on = variances.due_on
            and forecast_days.made_on = variances.made_on
    left join base_rates_by_day
        on forecast_days.made_on = base_rates_by_day.made_on
),

final as (
    select
        {{ term | join(', ') }},
        plan,
        mrr,
        is_open,
        is_renewed,
        is_at_horizon,
        base_rate,
        logit is not null as has_model,
        case
            when is_cancel_scheduled then 0
            when logit is not null then 1 / (1 + exp(-logit))
            else base_rate
        end as probability,
        {%- for bound, sign in {'lower': '+', 'upper': '-'}.items() %}
        case
            when is_cancel_scheduled then 0
            when logit is not null then 1 / (1 + exp(-logit {{ sign }} logit_spread))
            else {{ wilson_bound('renewed_before', 'decided_before', bound, z=z_80) }}
        end as probability_{{ bound }},
        {%- endfor %}
        case
            when is_cancel_scheduled then 'cancellation scheduled'
            when logit is not null then top_factors
            when decided_before > 0
                then
                    'base rate: ' || cast(renewed_before as string) || ' of '
                    || {{ pluralize('decided_before', 'term') }} || ' renewed'
            else 'no decided term yet'
        end as top_factors
    from combined
)

select * from final
