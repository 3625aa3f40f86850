-- Grain: one row per month with a health score whose three following months are over
-- (date_month): whether it is among the last ones, which sets of weights are evaluated
-- on, or so much earlier that weights may be fitted on it.
{% set evaluated_months = 12 %}
{% set months_ahead = 3 %}
{% set fewest_training_months = 6 %}
with health_outcomes as (
    select * from {{ ref('int_health_outcomes') }}
    where health_score is not null
),

scored_months as (
    select distinct date_month
    from health_outcomes
),

ranked as (
    select
        date_month,
        row_number() over (order by date_month desc) <= {{ evaluated_months }}
            as is_evaluated
    from scored_months
),

with_range as (
    select
        date_month,
        is_evaluated,
        min(case when is_evaluated then date_month end) over () as evaluated_from,
        max(date_month) over () as evaluated_to
    from ranked
),

-- weights are fitted on what was known before the first evaluated month began
with_training as (
    select
        *,
        {{ add_months('date_month', months_ahead) }} < evaluated_from as is_earlier
    from with_range
),

final as (
    select
        date_month,
        evaluated_from,
        evaluated_to,
        is_evaluated,
        is_earlier
        and sum(case when is_earlier then 1 else 0 end) over ()
        >= {{ fewest_training_months }}
            as is_for_training
    from with_training
)

select * from final
